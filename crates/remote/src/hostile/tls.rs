//! What is offered and taken in a TLS handshake, against rustls servers of old and new versions.
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::ErrorCode;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::Acceptor;
use rustls::{CipherSuite, ServerConfig, SupportedProtocolVersion};
use tokio::net::TcpListener;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

use super::{json, serve};
use crate::address::EhrAddress;
use crate::exchange::{Http, OldestTls};
use crate::fhir_client::fetch_capability;
use crate::smart::{SignInError, Smart};

const METADATA: &str = r#"{"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"mode": "server", "resource": []}]}"#;

/// A FHIR server behind TLS, and the root that vouches for it.
struct Server {
    root: String,
    address: EhrAddress,
    requests: Arc<AtomicUsize>,
}

impl Server {
    async fn speaking(version: &'static SupportedProtocolVersion) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (listener, address) = listener().await;
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, count) = (acceptor.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let stream = acceptor.accept(stream).await?;
                    serve(stream, &count, &|_| json(METADATA)).await
                });
            }
        });
        Self { root: authority.pem(), address: base(address), requests }
    }

    fn client(&self, oldest: OldestTls) -> Http {
        Http::new(Some(self.root.as_bytes()), oldest).unwrap()
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn base(address: SocketAddr) -> EhrAddress {
    EhrAddress::parse(&format!("https://{address}/fhir")).unwrap()
}

#[tokio::test]
async fn a_server_of_tls_1_2_alone_is_refused_unless_the_hospital_allows_it() {
    let old = Server::speaking(&rustls::version::TLS12).await;
    let refused = Smart::discover(old.client(OldestTls::V1_3), old.address.clone()).await.err().unwrap();
    assert_eq!((refused, refused.code()), (SignInError::OldTls, ErrorCode::EhrTlsTooOld));
    assert_eq!(old.requests(), 0, "nothing is said before there is a common version");
    fetch_capability(&old.client(OldestTls::V1_2), &old.address).await.unwrap();
    assert_eq!(old.requests(), 1);
}

#[tokio::test]
async fn whether_or_not_1_2_is_allowed_a_server_of_1_3_is_spoken_to() {
    let new = Server::speaking(&rustls::version::TLS13).await;
    for oldest in [OldestTls::V1_3, OldestTls::V1_2] {
        fetch_capability(&new.client(oldest), &new.address).await.unwrap();
    }
    assert_eq!(new.requests(), 2);
}

#[tokio::test]
async fn allowing_1_2_trusts_no_further_certificate() {
    let old = Server::speaking(&rustls::version::TLS12).await;
    let stranger = Http::new(None, OldestTls::V1_2).unwrap();
    assert_eq!(Smart::discover(stranger, old.address.clone()).await.err(), Some(SignInError::NotTrusted));
}

/// The suites of a client's first words.
async fn offered(oldest: OldestTls) -> Vec<CipherSuite> {
    let (listener, address) = listener().await;
    let http = Http::new(None, oldest).unwrap();
    let asks = async move { fetch_capability(&http, &base(address)).await.err().unwrap() };
    let hears = async move {
        let (stream, _) = listener.accept().await.unwrap();
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await.unwrap();
        start.client_hello().cipher_suites().to_vec()
    };
    tokio::join!(asks, hears).1
}

#[tokio::test]
async fn every_suite_that_is_offered_is_authenticated_encryption_under_a_fresh_key() {
    for oldest in [OldestTls::V1_3, OldestTls::V1_2] {
        let suites = offered(oldest).await;
        let mut names = suites.iter().filter(|suite| **suite != CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
        let is_good = |name: &str| {
            name.starts_with("TLS13_") || name.starts_with("TLS_ECDHE_") && (name.contains("_GCM_") || name.contains("_CHACHA20_POLY1305_"))
        };
        assert!(!suites.is_empty() && names.all(|suite| suite.as_str().is_some_and(is_good)), "{suites:?}");
    }
}
