//! Given and family names by culture: `(as written, in Latin letters, kana)`. Common names of no particular person.

use super::Part;

/// One naming tradition.
#[derive(Debug)]
pub(crate) struct Culture {
    pub(crate) key: &'static str,
    /// Share among patients that are not assigned a culture in turn.
    pub(crate) weight: f64,
    /// Family name written first in the native form.
    pub(crate) family_first: bool,
    /// A space between family and given name in the native form.
    pub(crate) spaced: bool,
    /// Written in ideographs.
    pub(crate) ideographic: bool,
    pub(crate) marriage_changes_name: bool,
    /// BCP-47 code and English name of the language.
    pub(crate) language: (&'static str, &'static str),
    pub(crate) families: &'static [Part],
    pub(crate) women: &'static [Part],
    pub(crate) men: &'static [Part],
}

const PLAIN: Culture = Culture {
    key: "",
    weight: 1.0,
    family_first: false,
    spaced: true,
    ideographic: false,
    marriage_changes_name: false,
    language: ("en", "English"),
    families: &[],
    women: &[],
    men: &[],
};

/// Latin-script parts, the same in both forms.
macro_rules! latin {
    ($($name:literal),* $(,)?) => { &[$(($name, $name, "")),*] };
}

/// Parts in another script with their romanisation.
macro_rules! native {
    ($($name:literal $roman:literal),* $(,)?) => { &[$(($name, $roman, "")),*] };
}

pub(crate) const MIDDLES: &[&str] = &["Ann", "Lee", "Marie", "James", "Rose", "Lynn", "Grace", "Ray", "Jean", "Allen", "Michael", "Louise"];

pub(crate) const NICKNAMES: &[(&str, &str)] = &[
    ("William", "Bill"),
    ("Elizabeth", "Liz"),
    ("Robert", "Bob"),
    ("Margaret", "Peggy"),
    ("Katherine", "Kate"),
    ("Richard", "Rick"),
    ("James", "Jim"),
    ("Patricia", "Pat"),
    ("Thomas", "Tom"),
    ("Joseph", "Joe"),
    ("María Guadalupe", "Lupita"),
    ("Francisco", "Paco"),
    ("Aleksandra", "Ola"),
    ("Екатерина", "Катя"),
    ("Александр", "Саша"),
    ("Deborah", "Debbie"),
];

pub(crate) const CULTURES: &[Culture] = &[
    Culture {
        key: "english",
        weight: 46.0,
        marriage_changes_name: true,
        families: latin![
            "Smith",
            "Johnson",
            "Williams",
            "Brown",
            "Jones",
            "Miller",
            "Davis",
            "Wilson",
            "Anderson",
            "Thomas",
            "Taylor",
            "Moore",
            "Jackson",
            "Martin",
            "Thompson",
            "White",
            "Harris",
            "Clark",
            "Lewis",
            "Robinson",
            "Walker",
            "Hall",
            "Young",
            "King",
            "Wright",
            "Hill",
            "Green",
            "Baker",
            "Nelson",
            "Carter",
            "Mitchell",
            "Roberts",
            "Turner",
            "Phillips",
            "Campbell",
            "Parker",
            "Evans",
            "Edwards",
            "Collins",
            "Stewart",
            "Morris",
            "Murphy",
            "Cook",
            "Rogers",
            "O'Brien",
            "O'Connor",
            "McCarthy",
            "MacDonald",
            "Bell",
            "Bailey",
            "Cooper",
            "Richardson",
            "Cox",
            "Howard",
            "Ward",
            "Brooks",
            "Washington",
            "Jefferson",
            "Freeman",
            "Banks",
        ],
        women: latin![
            "Mary",
            "Patricia",
            "Jennifer",
            "Linda",
            "Elizabeth",
            "Barbara",
            "Susan",
            "Jessica",
            "Karen",
            "Sarah",
            "Margaret",
            "Katherine",
            "Nancy",
            "Ashley",
            "Emily",
            "Donna",
            "Michelle",
            "Amanda",
            "Deborah",
            "Sharon",
            "Olivia",
            "Emma",
            "Ava",
            "Sophia",
            "Latoya",
            "Keisha",
            "Imani",
            "Madison",
            "Harper",
            "Ella",
        ],
        men: latin![
            "James",
            "Robert",
            "John",
            "Michael",
            "David",
            "William",
            "Richard",
            "Joseph",
            "Thomas",
            "Charles",
            "Christopher",
            "Daniel",
            "Matthew",
            "Anthony",
            "Mark",
            "Donald",
            "Steven",
            "Andrew",
            "Paul",
            "Joshua",
            "Kenneth",
            "Kevin",
            "Brian",
            "Liam",
            "Noah",
            "Mason",
            "Ethan",
            "Jamal",
            "Tyrone",
            "DeShawn",
        ],
        ..PLAIN
    },
    Culture {
        key: "spanish",
        weight: 14.0,
        language: ("es", "Spanish"),
        families: latin![
            "García López",
            "Hernández",
            "Martínez Ruiz",
            "Rodríguez",
            "González",
            "Pérez",
            "Sánchez",
            "Ramírez",
            "Torres",
            "Flores",
            "Núñez",
            "Peña",
            "Muñoz",
            "Ibáñez",
            "Ortiz",
            "de la Cruz",
        ],
        women: latin!["María Guadalupe", "Sofía", "Ana Lucía", "Verónica", "Carmen", "Rocío", "Inés", "Ximena", "Begoña", "Luz"],
        men: latin!["José", "Juan Carlos", "Jesús", "Francisco", "Andrés", "Iván", "Ramón", "Martín", "Óscar", "Tomás"],
        ..PLAIN
    },
    Culture {
        key: "german",
        weight: 4.0,
        marriage_changes_name: true,
        families: latin!["Müller", "Schröder", "Groß", "Jäger", "Köhler", "Weiß", "Böhm", "Schäfer", "von der Heide"],
        women: latin!["Jutta", "Käthe", "Bärbel", "Ursula", "Hannelore", "Greta", "Lotte"],
        men: latin!["Jürgen", "Günther", "Björn", "Hans-Peter", "Karl-Heinz", "Lukas", "Rüdiger"],
        ..PLAIN
    },
    Culture {
        key: "french",
        weight: 3.0,
        language: ("fr", "French"),
        families: latin!["Lefèvre", "Béliveau", "Saint-Exupère", "Gagné", "Désir", "D'Amours", "Jean-Baptiste", "Côté", "Noël"],
        women: latin!["Hélène", "Geneviève", "Marie-Ève", "Zoé", "Anaïs", "Françoise", "Chloé"],
        men: latin!["François", "Jean-Luc", "Rémi", "Étienne", "Loïc", "André", "Benoît"],
        ..PLAIN
    },
    Culture {
        key: "nordic",
        weight: 3.0,
        families: latin!["Sørensen", "Ångström", "Þórsdóttir", "Håkansson", "Bjørklund", "Mäkinen", "Ødegård", "Söderberg"],
        women: latin!["Åsa", "Sigríður", "Päivi", "Ingebjørg", "Freja", "Maja", "Solveig"],
        men: latin!["Øyvind", "Göran", "Håkon", "Ásgeir", "Väinö", "Søren", "Björn"],
        ..PLAIN
    },
    Culture {
        key: "polish",
        weight: 3.0,
        language: ("pl", "Polish"),
        families: latin!["Wójcik", "Dąbrowski", "Świątek", "Żółkiewski", "Łukasiewicz", "Šimůnková", "Dvořák", "Kovačić"],
        women: latin!["Małgorzata", "Aleksandra", "Zdeňka", "Božena", "Elżbieta", "Žofia"],
        men: latin!["Stanisław", "Krzysztof", "Jiří", "Łukasz", "Đorđe", "Mirosław"],
        ..PLAIN
    },
    Culture {
        key: "turkish",
        weight: 1.5,
        language: ("tr", "Turkish"),
        families: latin!["Yıldırım", "Öztürk", "Şahin", "Çelik", "Güneş", "Ionescu-Brătianu", "Erdoğmuş"],
        women: latin!["Ayşe", "Gülşen", "Çiğdem", "İpek", "Fatoş"],
        men: latin!["Mehmet", "Oğuz", "İsmail", "Çağrı", "Ömer"],
        ..PLAIN
    },
    Culture {
        key: "vietnamese",
        weight: 3.0,
        language: ("vi", "Vietnamese"),
        families: latin!["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Vũ", "Đỗ"],
        women: latin!["Thị Hồng", "Thúy", "Ngọc Ánh", "Phương", "Mỹ Linh"],
        men: latin!["Văn Đức", "Quốc Bảo", "Hữu Phước", "Minh", "Thành"],
        ..PLAIN
    },
    Culture {
        key: "arabic",
        weight: 3.5,
        language: ("ar", "Arabic"),
        families: native!["العلي" "Al-Ali", "حداد" "Haddad", "الخطيب" "Al-Khatib", "منصور" "Mansour", "بن يوسف" "Ben Youssef", "القحطاني" "Al-Qahtani"],
        women: native!["فاطمة" "Fatima", "ليلى" "Layla", "مريم" "Maryam", "نور" "Nour", "عائشة" "Aisha"],
        men: native!["محمد" "Mohammed", "أحمد" "Ahmed", "خالد" "Khaled", "يوسف" "Yousef", "عبد الرحمن" "Abd al-Rahman"],
        ..PLAIN
    },
    Culture {
        key: "hebrew",
        weight: 1.5,
        language: ("he", "Hebrew"),
        families: native!["כהן" "Cohen", "לוי" "Levi", "מזרחי" "Mizrahi", "בן־דוד" "Ben-David", "פרידמן" "Friedman"],
        women: native!["נועה" "Noa", "שירה" "Shira", "רחל" "Rachel", "תמר" "Tamar"],
        men: native!["דוד" "David", "יוסף" "Yosef", "איתן" "Eitan", "אברהם" "Avraham"],
        ..PLAIN
    },
    Culture {
        key: "chinese",
        weight: 4.0,
        family_first: true,
        spaced: false,
        ideographic: true,
        language: ("zh", "Chinese"),
        families: native!["王" "Wang", "李" "Li", "张" "Zhang", "刘" "Liu", "陳" "Chen", "欧阳" "Ouyang", "黃" "Huang", "吕" "Lü"],
        women: native!["秀英" "Xiuying", "丽" "Li", "美玲" "Meiling", "静" "Jing", "雪梅" "Xuemei"],
        men: native!["伟" "Wei", "建国" "Jianguo", "志強" "Zhiqiang", "明" "Ming", "浩然" "Haoran"],
        ..PLAIN
    },
    Culture {
        key: "japanese",
        weight: 2.0,
        family_first: true,
        ideographic: true,
        language: ("ja", "Japanese"),
        families: &[
            ("佐藤", "Sato", "サトウ"),
            ("鈴木", "Suzuki", "スズキ"),
            ("高橋", "Takahashi", "タカハシ"),
            ("渡邊", "Watanabe", "ワタナベ"),
            ("山田", "Yamada", "ヤマダ"),
            ("小林", "Kobayashi", "コバヤシ"),
        ],
        women: &[("花子", "Hanako", "ハナコ"), ("美咲", "Misaki", "ミサキ"), ("陽菜", "Hina", "ヒナ"), ("さくら", "Sakura", "サクラ")],
        men: &[("太郎", "Taro", "タロウ"), ("健一", "Kenichi", "ケンイチ"), ("大輔", "Daisuke", "ダイスケ"), ("翔", "Sho", "ショウ")],
        ..PLAIN
    },
    Culture {
        key: "korean",
        weight: 2.0,
        family_first: true,
        spaced: false,
        ideographic: true,
        language: ("ko", "Korean"),
        families: native!["김" "Kim", "이" "Lee", "박" "Park", "최" "Choi", "정" "Jeong"],
        women: native!["서연" "Seo-yeon", "지우" "Ji-woo", "은영" "Eun-young", "수빈" "Su-bin"],
        men: native!["민준" "Min-jun", "지훈" "Ji-hoon", "성호" "Seong-ho", "현우" "Hyun-woo"],
        ..PLAIN
    },
    Culture {
        key: "cyrillic",
        weight: 3.0,
        language: ("ru", "Russian"),
        families: native!["Коваленко" "Kovalenko", "Шевченко" "Shevchenko", "Йорданов" "Yordanov", "Черненко" "Chernenko", "Мельник" "Melnyk"],
        women: native!["Екатерина" "Ekaterina", "Оксана" "Oksana", "Ольга" "Olga", "Людмила" "Lyudmila", "Зоя" "Zoya"],
        men: native!["Александр" "Aleksandr", "Юрий" "Yuriy", "Володимир" "Volodymyr", "Дмитрий" "Dmitriy", "Їжак" "Yizhak"],
        ..PLAIN
    },
    Culture {
        key: "greek",
        weight: 1.0,
        language: ("el", "Greek"),
        families: native!["Παπαδόπουλος" "Papadopoulos", "Γεωργίου" "Georgiou", "Οικονόμου" "Oikonomou", "Νικολαΐδης" "Nikolaidis"],
        women: native!["Ελένη" "Eleni", "Μαρία" "Maria", "Δέσποινα" "Despoina", "Αγγελική" "Angeliki"],
        men: native!["Γιώργος" "Giorgos", "Νίκος" "Nikos", "Ιωάννης" "Ioannis", "Σπύρος" "Spyros"],
        ..PLAIN
    },
    Culture {
        key: "devanagari",
        weight: 3.0,
        language: ("hi", "Hindi"),
        families: native!["शर्मा" "Sharma", "पटेल" "Patel", "गुप्ता" "Gupta", "कुलकर्णी" "Kulkarni", "श्रेष्ठ" "Shrestha"],
        women: native!["प्रिया" "Priya", "लक्ष्मी" "Lakshmi", "अनन्या" "Ananya", "सुनीता" "Sunita"],
        men: native!["राहुल" "Rahul", "विजय" "Vijay", "अर्जुन" "Arjun", "संजय" "Sanjay"],
        ..PLAIN
    },
    Culture {
        key: "thai",
        weight: 1.0,
        language: ("th", "Thai"),
        families: native!["ศรีสุวรรณ" "Srisuwan", "วงศ์ใหญ่" "Wongyai", "จันทร์ดี" "Chandee", "สุขประเสริฐ" "Sukprasert"],
        women: native!["สมหญิง" "Somying", "นภา" "Napa", "กัญญา" "Kanya"],
        men: native!["สมชาย" "Somchai", "อนันต์" "Anan", "ธนวัฒน์" "Thanawat"],
        ..PLAIN
    },
    // One name only: FHIR allows a given without a family, and so must everything downstream.
    Culture {
        key: "single",
        weight: 1.0,
        language: ("id", "Indonesian"),
        families: latin![""],
        women: latin!["Sukarti", "Wulandari", "Mulyati", "Endang"],
        men: latin!["Sukirman", "Slamet", "Budiono", "Wahyudi"],
        ..PLAIN
    },
    // Longer than any form field expects.
    Culture {
        key: "long",
        weight: 0.5,
        language: ("pt", "Portuguese"),
        families: latin![
            "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh",
            "Montenegro de Albuquerque e Vasconcelos de Sousa Coutinho Cavalcanti",
            "Raharinirainimananarivo Andriantsimitovizafiniony",
        ],
        women: latin!["Maria da Conceição Aparecida Esperança dos Anjos", "Wilhelmina-Alexandrina Theodora Augusta"],
        men: latin!["Pedro de Alcântara Francisco Antônio João Carlos Xavier", "Bartholomew Maximilian Fitzgerald Octavian"],
        ..PLAIN
    },
];
