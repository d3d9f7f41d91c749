//! What comes and goes: short illnesses and injuries, how they present and how they are treated.

use crate::conditions::Dx;
use crate::vitals::Strain;

/// A short illness.
#[derive(Debug)]
pub(crate) struct Acute {
    pub(crate) dx: Dx,
    /// Youngest and oldest age, and how common it is among them.
    ages: (i64, i64),
    share: f64,
    women_only: bool,
    /// Seen in the emergency department.
    pub(crate) emergency: bool,
    pub(crate) complaint: &'static str,
    pub(crate) findings: &'static str,
    pub(crate) plan: &'static str,
    /// Days until it is over.
    pub(crate) lasts: i64,
    pub(crate) strain: Strain,
    /// Courses in order of preference: drug and days; the first the patient may take is given.
    pub(crate) adult_courses: &'static [(&'static str, i64)],
    pub(crate) child_courses: &'static [(&'static str, i64)],
    pub(crate) workup: Workup,
}

/// What is done to be sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workup {
    None,
    /// A test answered with a word, which is positive in this illness: LOINC code and name.
    Rapid(&'static str, &'static str),
    /// LOINC code, name and conclusion of an image.
    Image(&'static str, &'static str, &'static str),
    /// A procedure: SNOMED CT code and name.
    Procedure(&'static str, &'static str),
    Blood,
}

/// The illness `draw` picks for a person of that age and sex.
pub(crate) fn pick(draw: &mut crate::draw::Draw, age: i64, female: bool) -> &'static Acute {
    let weights: Vec<f64> =
        ACUTE.iter().map(|a| if (a.ages.0..=a.ages.1).contains(&age) && (female || !a.women_only) { a.share } else { 0.0 }).collect();
    &ACUTE[draw.weighted(&weights)]
}

const fn dx(key: &'static str, text: &'static str, snomed: (&'static str, &'static str), icd10: (&'static str, &'static str)) -> Dx {
    Dx { key, text, snomed, icd10, sensitive: None }
}

const fn fever(fever: f64) -> Strain {
    Strain { fever, hypoxia: 0.0, shock: 0.0 }
}

const WELL: Strain = Strain { fever: 0.0, hypoxia: 0.0, shock: 0.0 };

#[rustfmt::skip]
static ACUTE: &[Acute] = &[
    Acute {
        dx: dx("upper-respiratory-infection", "Upper respiratory infection", ("54150009", "Upper respiratory infection"), ("J06.9", "Acute upper respiratory infection, unspecified")),
        ages: (0, 99), share: 5.0, women_only: false, emergency: false,
        complaint: "Runny nose, sore throat and cough for 3 days.", findings: "Nasal congestion, clear lungs, no distress.",
        plan: "Supportive care, fluids; return if fever persists beyond 3 days or breathing worsens.",
        lasts: 9, strain: fever(0.5), adult_courses: &[], child_courses: &[], workup: Workup::None,
    },
    Acute {
        dx: dx("otitis-media", "Acute otitis media", ("3110003", "Acute otitis media"), ("H66.90", "Otitis media, unspecified, unspecified ear")),
        ages: (0, 9), share: 4.0, women_only: false, emergency: false,
        complaint: "Ear pain and fever since yesterday.", findings: "Bulging, erythematous tympanic membrane.",
        plan: "Antibiotic for 10 days where prescribed, analgesia, recheck if not better in 48 hours.",
        lasts: 10, strain: fever(1.4), adult_courses: &[], child_courses: &[("amoxicillin-suspension", 10)], workup: Workup::None,
    },
    Acute {
        dx: dx("strep-pharyngitis", "Streptococcal pharyngitis", ("43878008", "Streptococcal sore throat"), ("J02.0", "Streptococcal pharyngitis")),
        ages: (4, 40), share: 2.0, women_only: false, emergency: false,
        complaint: "Sore throat and fever, no cough.", findings: "Tonsillar exudate, tender anterior cervical nodes.",
        plan: "Rapid test positive. Complete the antibiotic course.",
        lasts: 8, strain: fever(1.6), adult_courses: &[("amoxicillin-500", 10), ("azithromycin-250", 5)], child_courses: &[("amoxicillin-suspension", 10)],
        workup: Workup::Rapid("78012-2", "Streptococcus pyogenes Ag [Presence] in Throat by Rapid immunoassay"),
    },
    Acute {
        dx: dx("urinary-tract-infection", "Urinary tract infection", ("68566005", "Urinary tract infectious disease"), ("N39.0", "Urinary tract infection, site not specified")),
        ages: (16, 99), share: 2.6, women_only: true, emergency: false,
        complaint: "Burning urination and frequency for 2 days.", findings: "Mild suprapubic tenderness, no flank pain.",
        plan: "Short antibiotic course, fluids; return for fever or flank pain.",
        lasts: 6, strain: fever(0.3), adult_courses: &[("nitrofurantoin-100", 5), ("co-trimoxazole", 3)], child_courses: &[], workup: Workup::None,
    },
    Acute {
        dx: dx("bronchitis", "Acute bronchitis", ("10509002", "Acute bronchitis"), ("J20.9", "Acute bronchitis, unspecified")),
        ages: (12, 99), share: 2.4, women_only: false, emergency: false,
        complaint: "Productive cough for a week.", findings: "Scattered rhonchi clearing with cough, no focal crackles.",
        plan: "No antibiotic indicated. Inhaler if wheezing, recheck if not better in 2 weeks.",
        lasts: 16, strain: Strain { fever: 0.4, hypoxia: 1.0, shock: 0.0 }, adult_courses: &[], child_courses: &[], workup: Workup::None,
    },
    Acute {
        dx: dx("influenza", "Influenza", ("6142004", "Influenza"), ("J11.1", "Influenza due to unidentified influenza virus with other respiratory manifestations")),
        ages: (2, 99), share: 1.6, women_only: false, emergency: false,
        complaint: "Sudden fever, aches and cough.", findings: "Febrile, looks tired, lungs clear.",
        plan: "Supportive care; antiviral not started, beyond 48 hours of symptoms.",
        lasts: 8, strain: fever(2.0), adult_courses: &[], child_courses: &[], workup: Workup::None,
    },
    Acute {
        dx: dx("covid-19", "COVID-19", ("840539006", "Disease caused by severe acute respiratory syndrome coronavirus 2"), ("U07.1", "COVID-19")),
        ages: (1, 99), share: 1.6, women_only: false, emergency: false,
        complaint: "Fever, cough, loss of smell; exposed at work.", findings: "No respiratory distress, lungs clear.",
        plan: "Isolate, supportive care, return precautions for dyspnea.",
        lasts: 12, strain: Strain { fever: 1.2, hypoxia: 1.5, shock: 0.0 }, adult_courses: &[], child_courses: &[],
        workup: Workup::Rapid("94500-6", "SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory system specimen by NAA with probe detection"),
    },
    Acute {
        dx: dx("gastroenteritis", "Viral gastroenteritis", ("111843007", "Viral gastroenteritis"), ("A08.4", "Viral intestinal infection, unspecified")),
        ages: (0, 99), share: 1.8, women_only: false, emergency: false,
        complaint: "Vomiting and watery diarrhea since last night.", findings: "Soft abdomen, moist mucosa, good turgor.",
        plan: "Oral rehydration, bland diet; return if unable to keep fluids down.",
        lasts: 4, strain: fever(0.6), adult_courses: &[("ondansetron-4", 3)], child_courses: &[], workup: Workup::None,
    },
    Acute {
        dx: dx("ankle-sprain", "Sprain of ankle", ("44465007", "Sprain of ankle"), ("S93.409A", "Sprain of unspecified ligament of unspecified ankle, initial encounter")),
        ages: (8, 75), share: 1.6, women_only: false, emergency: true,
        complaint: "Twisted the ankle stepping off a curb.", findings: "Lateral swelling, able to bear weight.",
        plan: "Rest, ice, compression, elevation; weight bearing as tolerated.",
        lasts: 28, strain: WELL, adult_courses: &[("ibuprofen-600", 7)], child_courses: &[],
        workup: Workup::Image("24541-5", "XR Ankle Views", "No fracture. Lateral soft-tissue swelling."),
    },
    Acute {
        dx: dx("hand-laceration", "Laceration of hand", ("284549007", "Laceration of hand"), ("S61.419A", "Laceration without foreign body of unspecified hand, initial encounter")),
        ages: (3, 90), share: 1.0, women_only: false, emergency: true,
        complaint: "Cut the hand with a kitchen knife.", findings: "3 cm clean laceration, tendons and sensation intact.",
        plan: "Irrigated and sutured. Keep dry 24 hours, sutures out in 8 days.",
        lasts: 14, strain: WELL, adult_courses: &[], child_courses: &[], workup: Workup::Procedure("288086009", "Suture open wound"),
    },
    Acute {
        dx: dx("cellulitis", "Cellulitis of leg", ("128045006", "Cellulitis"), ("L03.90", "Cellulitis, unspecified")),
        ages: (18, 99), share: 1.0, women_only: false, emergency: false,
        complaint: "Spreading redness of the lower leg.", findings: "Warm, tender erythema, margin marked, no fluctuance.",
        plan: "Antibiotic for 7 days, leg elevation, recheck margin in 2 days.",
        lasts: 12, strain: fever(0.8), adult_courses: &[("cephalexin-500", 7), ("co-trimoxazole", 7)], child_courses: &[], workup: Workup::Blood,
    },
    Acute {
        dx: dx("pneumonia", "Community-acquired pneumonia", ("385093006", "Community acquired pneumonia"), ("J18.9", "Pneumonia, unspecified organism")),
        ages: (1, 99), share: 0.7, women_only: false, emergency: true,
        complaint: "Fever, cough and pain on breathing in.", findings: "Crackles at the right base.",
        plan: "Antibiotic, recheck in 48 hours, chest film in 6 weeks.",
        lasts: 21, strain: Strain { fever: 1.8, hypoxia: 4.0, shock: 4.0 },
        adult_courses: &[("amoxicillin-clavulanate", 7), ("azithromycin-250", 5)], child_courses: &[("amoxicillin-suspension", 7)],
        workup: Workup::Image("36643-5", "XR Chest 2 Views", "Right lower lobe consolidation consistent with pneumonia."),
    },
    Acute {
        dx: dx("concussion", "Concussion without loss of consciousness", ("62564004", "Concussion with no loss of consciousness"), ("S06.0X0A", "Concussion without loss of consciousness, initial encounter")),
        ages: (5, 60), share: 0.5, women_only: false, emergency: true,
        complaint: "Headache after a blow to the head, no loss of consciousness.", findings: "GCS 15, no focal deficit.",
        plan: "Cognitive rest, stepwise return to activity, return for vomiting or drowsiness.",
        lasts: 18, strain: WELL, adult_courses: &[], child_courses: &[], workup: Workup::None,
    },
    Acute {
        dx: dx("poison-ivy", "Contact dermatitis due to plant", ("40275004", "Contact dermatitis"), ("L23.7", "Allergic contact dermatitis due to plants, except food")),
        ages: (3, 80), share: 0.8, women_only: false, emergency: false,
        complaint: "Itchy blistering rash after gardening.", findings: "Linear vesicles on the forearms.",
        plan: "Topical steroid, wash clothing, avoid scratching.",
        lasts: 14, strain: WELL, adult_courses: &[("hydrocortisone-cream", 10)], child_courses: &[("hydrocortisone-cream", 7)], workup: Workup::None,
    },
    Acute {
        dx: dx("conjunctivitis", "Acute conjunctivitis", ("9826008", "Conjunctivitis"), ("H10.30", "Unspecified acute conjunctivitis, unspecified eye")),
        ages: (0, 70), share: 1.0, women_only: false, emergency: false,
        complaint: "Red, sticky eye since this morning.", findings: "Injected conjunctiva, clear cornea, normal acuity.",
        plan: "Lid hygiene, hand washing; return for pain or loss of vision.",
        lasts: 7, strain: WELL, adult_courses: &[], child_courses: &[], workup: Workup::None,
    },
];
