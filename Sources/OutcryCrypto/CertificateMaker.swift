import COpenSSL

/// Makes X.509 certificates (RFC 5280), version 3, with keys of their own.
enum CertificateMaker {
    /// Makes a key, and its certificate.
    ///
    /// - Parameters:
    ///   - subject: The common name.
    ///   - signer: Who vouches for it; nil: its own key.
    ///   - valid: In seconds since 1970.
    ///   - extensions: Each with its value in OpenSSL's words.
    static func make(
        _ subject: String, signer: CertificatePair?, valid: Range<Int64>,
        _ extensions: [(Int32, String)]
    ) throws(CryptoError) -> CertificatePair {
        ERR_clear_error()
        guard let key = unsafe makeKey() else { throw failure("EVP_PKEY_generate") }
        guard let certificate = unsafe X509_new() else {
            unsafe EVP_PKEY_free(key)
            throw failure("X509_new")
        }
        let pair = unsafe CertificatePair(certificate, key)
        try setHead(pair, subject, signer, valid)
        for (kind, value) in extensions {
            try add(kind, value, to: pair, signer)
        }
        guard unsafe X509_sign(certificate, (signer ?? pair).key, EVP_sha256()) > 0 else {
            throw failure("X509_sign")
        }
        return pair
    }

    /// A key on P-256.
    private static func makeKey() -> OpaquePointer? {
        let maker = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { unsafe EVP_PKEY_CTX_free(maker) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(maker) == 1,
            unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(maker, NID_X9_62_prime256v1) == 1,
            unsafe EVP_PKEY_generate(maker, &key) == 1
        else { return nil }
        return unsafe key
    }

    private static func setHead(
        _ pair: CertificatePair, _ subject: String, _ signer: CertificatePair?,
        _ valid: Range<Int64>
    ) throws(CryptoError) {
        let certificate = unsafe pair.certificate
        // Positive, of 128 bits, which nobody can guess.
        var serial = try RandomBytes.make(16)
        serial[0] = serial[0] & 0x3f | 0x40
        let number = unsafe BN_bin2bn(serial, Int32(serial.count), nil)
        defer { unsafe BN_free(number) }
        let name = unsafe X509_get_subject_name(certificate)
        let issuer = unsafe signer.map { unsafe X509_get_subject_name($0.certificate) } ?? name
        guard unsafe X509_set_version(certificate, 2) == 1,
            unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil,
            unsafe ASN1_TIME_set(X509_getm_notBefore(certificate), Int(valid.lowerBound)) != nil,
            unsafe ASN1_TIME_set(X509_getm_notAfter(certificate), Int(valid.upperBound)) != nil,
            unsafe X509_NAME_add_entry_by_txt(
                name, "CN", MBSTRING_UTF8, subject, Int32(subject.utf8.count), -1, 0) == 1,
            unsafe X509_set_issuer_name(certificate, issuer) == 1,
            unsafe X509_set_pubkey(certificate, pair.key) == 1
        else { throw failure("X509_set") }
    }

    // Inlined into the loop it ends the compiler (Swift 6.3.1 -O, LoopInvariantCodeMotion).
    @inline(never) private static func add(
        _ kind: Int32, _ value: String, to pair: CertificatePair, _ signer: CertificatePair?
    ) throws(CryptoError) {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(
            &context, (signer ?? pair).certificate, pair.certificate, nil, nil, 0)
        let part = unsafe X509V3_EXT_conf_nid(nil, &context, kind, value)
        defer { unsafe X509_EXTENSION_free(part) }
        guard let part = unsafe part, unsafe X509_add_ext(pair.certificate, part, -1) == 1 else {
            throw failure("X509_add_ext \(value)")
        }
    }

    private static func failure(_ call: String) -> CryptoError {
        .failed(call: call, code: ERR_get_error())
    }
}
