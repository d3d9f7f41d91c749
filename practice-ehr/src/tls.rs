//! The EHR's own certificate authority and its TLS 1.3 endpoint.
//!
//! The authority is made once per data directory (`ca.pem`, `ca-key.pem` 0600) so that a client that pinned it keeps
//! trusting the EHR across restarts. The server certificate is made anew at each start; its key never touches the disk.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// The endpoint's TLS side.
pub struct Endpoint {
    /// Certificate of the authority, PEM: what clients must trust.
    pub ca: PathBuf,
    /// Accepts TLS 1.3 only; ALPN offers `h2` and `http/1.1`.
    pub acceptor: TlsAcceptor,
}

/// Why no TLS endpoint could be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The authority's files cannot be read or written.
    #[error("the certificate authority's files cannot be read or written")]
    File(#[from] std::io::Error),
    /// A certificate cannot be made, or the stored key is not one.
    #[error("a certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// The certificate and key do not form a server configuration.
    #[error("TLS cannot be configured")]
    Configuration(#[from] rustls::Error),
}

/// Opens the authority in `data_dir`, creating it at first, and issues a certificate for `localhost`, `127.0.0.1`, `::1`.
///
/// # Errors
/// [`TlsError`] when files, keys or certificates cannot be read or made.
pub fn endpoint(data_dir: &Path) -> Result<Endpoint, TlsError> {
    let ca = data_dir.join("ca.pem");
    let key = authority_key(data_dir, &ca)?;
    let authority = authority();
    let issuer = Issuer::from_params(&authority, &key);

    let server_key = KeyPair::generate()?;
    let mut server = CertificateParams::new(["localhost", "127.0.0.1", "::1"].map(String::from))?;
    server.distinguished_name.push(DnType::CommonName, "localhost");
    server.not_before = date_time_ymd(2025, 1, 1);
    server.not_after = date_time_ymd(2046, 1, 1);
    server.use_authority_key_identifier_extension = true;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = server.signed_by(&server_key, &issuer)?;

    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Endpoint { ca, acceptor: TlsAcceptor::from(Arc::new(config)) })
}

/// Writes `bytes` to a file only its owner may read, replacing none.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn authority_key(data_dir: &Path, ca: &Path) -> Result<KeyPair, TlsError> {
    let key_path = data_dir.join("ca-key.pem");
    if key_path.exists() && ca.exists() {
        return Ok(KeyPair::from_pem(&std::fs::read_to_string(&key_path)?)?);
    }
    // A start that died between the two files left a key nobody trusts yet.
    let _ = std::fs::remove_file(&key_path);
    let key = KeyPair::generate()?;
    write_private(&key_path, key.serialize_pem().as_bytes())?;
    std::fs::write(ca, authority().self_signed(&key)?.pem())?;
    Ok(key)
}

/// INVARIANT: a function of nothing, so that the issuer rebuilt at each start bears the name written in `ca.pem`.
fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Practice EHR authority");
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2046, 1, 1);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Trusting this authority must not let its key speak for any host but this one.
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".into()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 1], 32)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 128)),
        ],
        excluded_subtrees: vec![],
    });
    params
}
