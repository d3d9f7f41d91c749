//! Workstations' audit chains: countersigned, remembered over a power cut, and told when they go back or fork.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Ehr, SignedIn, json as body};

/// A workstation's chain, as its frozen form has it.
#[derive(Clone)]
struct Chain {
    digests: Vec<[u8; 32]>,
    links: Vec<String>,
    epoch: u8,
}

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

impl Chain {
    fn begun() -> Self {
        let mut chain = Self { digests: vec![[0; 32]], links: Vec::new(), epoch: 1 };
        chain.push(json!({"epoch": {"begin": text(pair(1).public_key())}}));
        chain
    }

    fn push(&mut self, subject: Value) {
        let (sequence, before) = (self.digests.len() as u64, self.digests.last().unwrap());
        let link = json!({"sequence": sequence, "action": "countersign", "subject": subject}).to_string();
        let hashed = [b"satchel audit 1".as_slice(), &sequence.to_be_bytes(), before, &(link.len() as u64).to_be_bytes(), link.as_bytes()];
        self.digests.push(digest(&SHA256, &hashed.concat()).as_ref().try_into().unwrap());
        self.links.push(link);
    }

    /// Some work, and the end of the epoch.
    fn worked(&mut self, what: &str) {
        self.push(json!({"detail": what}));
        let (head, next) = (self.digests.last().unwrap(), pair(self.epoch + 1));
        let sequence = self.digests.len() as u64 - 1;
        let (epoch, key) = (u32::from(self.epoch), next.public_key().as_ref());
        let signed = [b"satchel audit epoch 1".as_slice(), &epoch.to_be_bytes(), &sequence.to_be_bytes(), head, key].concat();
        let signature = pair(self.epoch).sign(&signed);
        self.push(json!({"epoch": {"end": {"epoch": epoch, "sequence": sequence, "digest": text(head),
            "next_public_key": text(key), "signature": text(signature)}}}));
        self.epoch += 1;
    }

    fn upload(&self, from: usize, clear: Option<&str>) -> Value {
        let after = json!({"sequence": from, "digest": text(self.digests[from])});
        let upload = json!({"device": "ward-3", "after": after, "links": self.links[from..], "clear": clear}).to_string();
        json!({"resourceType": "Parameters", "parameter": [{"name": "upload", "valueString": upload}]})
    }
}

async fn answer(who: &SignedIn<'_>, upload: &Value) -> (String, Value) {
    let answer = who.post("/$audit-countersign", upload).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = body(answer).await;
    let answer: Value = serde_json::from_str(answer["parameter"][0]["valueString"].as_str().unwrap()).unwrap();
    (answer["verdict"].as_str().unwrap().to_owned(), answer["countersigned"].clone())
}

async fn published(ehr: &Ehr) -> Value {
    body(ehr.open(Method::GET, "/.well-known/audit-countersigner").send().await.unwrap()).await
}

#[tokio::test]
async fn a_chain_is_followed_and_one_set_back_is_told_so_for_good_until_it_is_taken_up_again() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let mut chain = Chain::begun();
    chain.worked("one");
    assert_eq!(answer(&nurse, &chain.upload(1, None)).await, ("resend".into(), Value::Null), "nothing is known of it");
    let (verdict, word) = answer(&nurse, &chain.upload(0, None)).await;
    assert_eq!((verdict.as_str(), &word["sequence"], &word["digest"]), ("follows", &json!(3), &json!(text(chain.digests[3]))));
    let key = published(&ehr).await["present"].clone();
    assert_eq!(word["server_key_id"], key["id"]);
    let mut signed = b"satchel audit countersignature 1".to_vec();
    for field in ["device", "at", "server_key_id"] {
        let field = word[field].as_str().unwrap();
        signed.extend_from_slice(&(field.len() as u64).to_be_bytes());
        signed.extend_from_slice(field.as_bytes());
    }
    signed.extend_from_slice(&3_u64.to_be_bytes());
    signed.extend_from_slice(&chain.digests[3]);
    let decode = |text: &Value| STANDARD_NO_PAD.decode(text.as_str().unwrap()).unwrap();
    UnparsedPublicKey::new(&ED25519, decode(&key["public_key"])).verify(&signed, &decode(&word["signature"])).unwrap();

    let copy = chain.clone();
    chain.worked("two");
    assert_eq!(answer(&nurse, &chain.upload(3, None)).await.1["sequence"], 5);
    let again = answer(&nurse, &chain.upload(3, None)).await;
    assert_eq!((again.0.as_str(), &again.1["sequence"]), ("follows", &json!(5)), "the answer was lost: sent again");

    let stranger = Chain { epoch: 9, ..copy.clone() };
    let mut forged = stranger;
    forged.worked("without the workstation's key");
    let refused = nurse.post("/$audit-countersign", &forged.upload(3, None)).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "it marks nobody");
    assert_eq!(answer(&nurse, &chain.upload(5, None)).await.0, "follows");

    // A power cut, and the copy comes back.
    let ehr = ehr.kill_and_start().await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let mut back = copy;
    back.worked("other");
    let (verdict, word) = answer(&nurse, &back.upload(3, None)).await;
    assert_eq!((verdict.as_str(), &word["sequence"]), ("forked", &json!(5)));
    assert_eq!(answer(&nurse, &chain.upload(5, None)).await.0, "forked", "marked, whoever comes by this name");
    assert_eq!(nurse.post("/$audit-countersign", &back.upload(4, Some("mine"))).await.status(), StatusCode::FORBIDDEN);

    let administrator = ehr.signed_in("samuel.osei").await;
    let officer = ehr.signed_in("miriam.adler").await;
    assert_eq!(answer(&officer, &back.upload(4, Some("restored from a backup"))).await.1["sequence"], 5);
    assert_eq!(answer(&nurse, &back.upload(5, None)).await.0, "follows");
    back.worked("and on");
    assert_eq!(answer(&nurse, &back.upload(5, None)).await.1["sequence"], 7);
    let told = body(officer.get("/AuditEvent").await).await.to_string();
    assert!(told.contains("urn:satchel:audit-chain") && told.contains("forked") && told.contains("cleared"));
    assert_eq!(administrator.post("/$audit-countersign", &json!({})).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(nurse.get("/$audit-countersign").await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_chain_that_only_ends_earlier_is_behind_and_a_renewed_key_is_vouched_for() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let mut chain = Chain::begun();
    chain.worked("one");
    answer(&nurse, &chain.upload(0, None)).await;
    let copy = chain.clone();
    chain.worked("two");
    let former = published(&ehr).await["present"].clone();
    ehr.admin(Method::POST, "countersigner/renew", json!({})).await;
    let now = published(&ehr).await;
    assert_eq!((&now["successions"][0]["former"], &now["successions"][0]["next"]), (&former, &now["present"]));
    assert_eq!(answer(&nurse, &chain.upload(3, None)).await.1["server_key_id"], now["present"]["id"]);
    assert_eq!(answer(&nurse, &copy.upload(3, None)).await.0, "behind");
}
