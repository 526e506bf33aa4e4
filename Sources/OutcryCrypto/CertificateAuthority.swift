import COpenSSL

/// An authority of one's own, which makes certificates for servers: for a sandbox that stands in for hosts
/// whose names clients know by heart.
///
/// Keys are on P-256, signatures by SHA-256: what every program that speaks TLS 1.2 knows. The authority may
/// vouch only for the names that it was made for, so that who trusts it risks nothing else.
public struct CertificateAuthority: Sendable {
    /// Its certificate, to be trusted by clients, and its key, to be kept.
    public let identity: CertifiedKey

    /// Makes an authority that may vouch for `names` and the hosts below them.
    ///
    /// - Parameters:
    ///   - name: What people read in lists of authorities.
    ///   - valid: From when until when, in seconds since 1970.
    /// - Throws: ``CryptoError/failed(call:code:)``.
    public static func make(
        _ name: String, for names: CertifiedNames, valid: Range<Int64>
    ) throws(CryptoError) -> CertificateAuthority {
        let pair = try CertificateMaker.make(
            name, signer: nil, valid: valid,
            [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_name_constraints, names.constraints),
                (NID_subject_key_identifier, "hash"),
            ])
        return CertificateAuthority(made: CertifiedKey(pair))
    }

    private init(made: CertifiedKey) { identity = made }

    /// Takes one that was made before.
    ///
    /// - Throws: ``CryptoError/unusable(what:expected:)`` when this is no authority's certificate.
    public init(_ identity: CertifiedKey) throws(CryptoError) {
        let pair = try identity.pair()
        guard unsafe X509_check_ca(pair.certificate) == 1 else {
            throw .unusable(what: "a certificate", expected: "an authority's")
        }
        self.identity = identity
    }

    /// Makes a key and a certificate for a server.
    ///
    /// - Parameter valid: From when until when, in seconds since 1970.
    /// - Throws: ``CryptoError/failed(call:code:)``.
    public func issue(
        for names: CertifiedNames, valid: Range<Int64>
    ) throws(CryptoError) -> CertifiedKey {
        let pair = try CertificateMaker.make(
            names.hosts.first ?? names.addresses[0], signer: try identity.pair(), valid: valid,
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "serverAuth"),
                (NID_subject_alt_name, names.alternatives),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ])
        return CertifiedKey(pair)
    }

    /// Whether the authority itself may be trusted at `time`, in seconds since 1970.
    public func isValid(at time: Int64) -> Bool {
        guard let pair = try? identity.pair() else { return false }
        return unsafe Self.verify(pair.certificate, by: pair.certificate, at: time, isServer: false)
    }

    /// Whether a client that trusts this authority would, at `time` (in seconds since 1970), take a server
    /// with this certificate for each of the names.
    public func vouches(for server: CertifiedKey, names: CertifiedNames, at time: Int64) -> Bool {
        guard let own = try? identity.pair(), let pair = try? server.pair(),
            unsafe Self.verify(pair.certificate, by: own.certificate, at: time, isServer: true)
        else { return false }
        let hosts = names.hosts.allSatisfy {
            unsafe X509_check_host(pair.certificate, $0, $0.utf8.count, 0, nil) == 1
        }
        let addresses = names.addresses.allSatisfy {
            unsafe X509_check_ip_asc(pair.certificate, $0, 0) == 1
        }
        return hosts && addresses
    }

    private static func verify(
        _ certificate: OpaquePointer, by authority: OpaquePointer, at time: Int64, isServer: Bool
    ) -> Bool {
        let store = unsafe X509_STORE_new()
        let check = unsafe X509_STORE_CTX_new()
        defer {
            unsafe X509_STORE_CTX_free(check)
            unsafe X509_STORE_free(store)
            ERR_clear_error()
        }
        guard unsafe X509_STORE_add_cert(store, authority) == 1,
            unsafe X509_STORE_CTX_init(check, store, certificate, nil) == 1
        else { return false }
        unsafe X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(check), Int(time))
        if isServer { _ = unsafe X509_STORE_CTX_set_purpose(check, X509_PURPOSE_SSL_SERVER) }
        return unsafe X509_verify_cert(check) == 1
    }
}
