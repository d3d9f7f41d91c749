//! What guessers try first. A new passphrase may contain these, but not be little more than one (SP 800-63B-4, 3.1.1.2).
//!
//! Short on purpose, and offline: with the workstation's secret beside the passphrase, and tries that wait, a list has to stop what a
//! person at the lock screen would try. Lower case, letters and digits only.

/// Words, rows of keys and phrases at the head of published lists of leaked passwords, and the words of this place.
pub const BLOCKLIST: &[&str] = &[
    "password",
    "passwort",
    "passphrase",
    "qwerty",
    "qwertz",
    "azerty",
    "letmein",
    "welcome",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "monkey",
    "dragon",
    "superman",
    "trustno1",
    "changeme",
    "default",
    "secret",
    "admin",
    "administrator",
    "login",
    "master",
    "satchel",
    "hospital",
    "clinic",
    "doctor",
    "nurse",
    "physician",
    "medical",
    "patient",
    "health",
    "spring",
    "summer",
    "autumn",
    "winter",
    "qwerty123456",
    "qwertyuiop1234",
    "1q2w3e4r5t6y",
    "q1w2e3r4t5y6",
    "1qaz2wsx3edc",
    "zaq12wsxcde3",
    "qazwsxedcrfv",
    "asdfghjkl1234",
    "abcd1234efgh",
    "abc123def456",
    "a1b2c3d4e5f6",
    "iloveyouforever",
    "thisismypassword",
    "ihatepasswords",
    "letmeinplease",
    "opensesame",
    "donttellanyone",
    "nevergiveup",
    "livelaughlove",
    "jesuslovesme",
    "jesusislord",
    "godisgood",
    "inthebeginning",
    "helloworld",
    "goodmorning",
    "correcthorsebatterystaple",
    "thequickbrownfox",
    "maytheforcebewithyou",
    "tobeornottobe",
    "onceuponatime",
    "loremipsumdolor",
    "supercalifragilistic",
    "abracadabra",
    "onetwothreefour",
    "harrypotter",
    "gameofthrones",
    "lordoftherings",
    "manchesterunited",
    "liverpoolfc",
    "realmadrid",
    "barcelona",
    "bayernmunich",
    "teamomucho",
    "firstdonoharm",
    "primumnonnocere",
    "hippocraticoath",
];

#[cfg(test)]
mod tests {
    use super::BLOCKLIST;

    #[test]
    fn is_written_as_it_is_compared() {
        for (at, word) in BLOCKLIST.iter().enumerate() {
            assert!(word.len() >= 5 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{word}");
            assert!(!BLOCKLIST[..at].contains(word), "{word} stands there twice");
        }
    }
}
