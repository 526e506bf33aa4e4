import COpenSSL
import OutcryKernel

/// Makes certificates for tests: an authority of its own, and what it vouches for. Nothing is kept on disk.
@safe final class TestAuthority {
    /// A key with its certificate; freed in deinit.
    @safe final class Party {
        let key: OpaquePointer
        let certificate: OpaquePointer

        init(_ key: OpaquePointer, _ certificate: OpaquePointer) {
            unsafe self.key = unsafe key
            unsafe self.certificate = unsafe certificate
        }
        deinit {
            unsafe X509_free(certificate)
            unsafe EVP_PKEY_free(key)
        }

        var certificatePEM: String {
            unsafe TestAuthority.text { unsafe PEM_write_bio_X509($0, certificate) }
        }
        var keyPEM: String {
            unsafe TestAuthority.text {
                unsafe PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil)
            }
        }
        var identity: TLSIdentity {
            TLSIdentity(chain: .text(certificatePEM), key: .text(keyPEM))
        }
    }

    let root: Party
    private var serial = 1

    init(_ name: String = "Test Root") throws {
        let key = try unsafe Self.makeKey()
        let root = try unsafe Self.certificate(
            name, names: "", key: key, issuer: nil, signer: key, serial: 1,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE"),
                (NID_key_usage, "critical,keyCertSign"),
            ])
        self.root = unsafe Party(key, root)
    }

    /// As whoever trusts this authority says it.
    var trust: TLSTrust { .authorities(.text(root.certificatePEM)) }

    /// A certificate for names, as OpenSSL spells them: `DNS:good.test,IP:127.0.0.1`.
    ///
    /// - Parameter days: When it begins and ends, in days from now.
    func issue(
        _ subject: String = "somebody", names: String = "", days: ClosedRange<Int> = -1...30,
        purpose: String = "serverAuth", bits: Int? = nil
    ) throws -> Party {
        let key = try unsafe Self.makeKey(bits)
        serial += 1
        let made = try unsafe Self.certificate(
            subject, names: names, key: key, issuer: root.certificate, signer: root.key,
            serial: serial, days: days,
            extensions: [
                (NID_basic_constraints, "CA:FALSE"), (NID_ext_key_usage, purpose),
            ])
        return unsafe Party(key, made)
    }

    private struct Failed: Error {
        let what: String
    }

    /// A key on P-256, or of RSA with so many bits.
    @unsafe private static func makeKey(_ bits: Int? = nil) throws -> OpaquePointer {
        let kind = bits == nil ? EVP_PKEY_EC : EVP_PKEY_RSA
        let maker = unsafe EVP_PKEY_CTX_new_id(kind, nil)
        defer { unsafe EVP_PKEY_CTX_free(maker) }
        guard unsafe EVP_PKEY_keygen_init(maker) == 1 else { throw Failed(what: "keygen_init") }
        let isSet =
            if let bits {
                unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(maker, Int32(bits))
            } else {
                unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(maker, NID_X9_62_prime256v1)
            }
        var key: OpaquePointer?
        guard isSet == 1, unsafe EVP_PKEY_generate(maker, &key) == 1, let key = unsafe key else {
            throw Failed(what: "key")
        }
        return unsafe key
    }

    @unsafe private static func certificate(
        _ subject: String, names: String, key: OpaquePointer, issuer: OpaquePointer?,
        signer: OpaquePointer, serial: Int, days: ClosedRange<Int> = -1...30,
        extensions: [(Int32, String)]
    ) throws -> OpaquePointer {
        guard let made = unsafe X509_new() else { throw Failed(what: "certificate") }
        _ = unsafe X509_set_version(made, 2)
        _ = unsafe ASN1_INTEGER_set(X509_get_serialNumber(made), serial)
        _ = unsafe X509_gmtime_adj(X509_getm_notBefore(made), days.lowerBound * 86_400)
        _ = unsafe X509_gmtime_adj(X509_getm_notAfter(made), days.upperBound * 86_400)
        let name = unsafe X509_get_subject_name(made)
        _ = unsafe X509_NAME_add_entry_by_txt(
            name, "CN", MBSTRING_UTF8, subject, Int32(subject.utf8.count), -1, 0)
        _ = unsafe X509_set_issuer_name(
            made, issuer.map { unsafe X509_get_subject_name($0) } ?? name)
        _ = unsafe X509_set_pubkey(made, key)
        let all = extensions + (names.isEmpty ? [] : [(NID_subject_alt_name, names)])
        for (kind, value) in all {
            let part = unsafe X509V3_EXT_conf_nid(nil, nil, kind, value)
            guard unsafe X509_add_ext(made, part, -1) == 1 else { throw Failed(what: value) }
            unsafe X509_EXTENSION_free(part)
        }
        guard unsafe X509_sign(made, signer, EVP_sha256()) > 0 else { throw Failed(what: "sign") }
        return unsafe made
    }

    /// What `body` writes.
    static func text(_ body: (OpaquePointer?) -> Int32) -> String {
        let memory = unsafe BIO_new(BIO_s_mem())
        defer { unsafe BIO_free(memory) }
        _ = unsafe body(memory)
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe BIO_read(memory, &bytes, Int32(bytes.count))
        return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
    }
}
