import COpenSSL

/// A private key with the certificate of its public half, both as PEM text (RFC 7468).
///
/// Its description never shows the key.
public struct CertifiedKey: Equatable, Sendable {
    /// The certificate.
    public let certificate: String
    /// The private key, not encrypted.
    public let key: String

    /// Takes a certificate and a key that belong together.
    ///
    /// - Throws: ``CryptoError/unusable(what:expected:)`` when one of them cannot be read, or they do not
    ///   belong together.
    public init(certificate: String, key: String) throws(CryptoError) {
        let pair = try CertificatePair(certificate: certificate, key: key)
        guard unsafe X509_check_private_key(pair.certificate, pair.key) == 1 else {
            ERR_clear_error()
            throw .unusable(what: "a private key", expected: "that of the certificate")
        }
        self.certificate = certificate
        self.key = key
    }

    /// What this process made.
    init(_ pair: CertificatePair) {
        certificate = unsafe CertificatePair.text {
            unsafe PEM_write_bio_X509($0, pair.certificate)
        }
        key = unsafe CertificatePair.text {
            unsafe PEM_write_bio_PrivateKey($0, pair.key, nil, nil, 0, nil, nil)
        }
    }

    func pair() throws(CryptoError) -> CertificatePair {
        try CertificatePair(certificate: certificate, key: key)
    }
}

extension CertifiedKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The sizes of the two texts.
    public var description: String {
        "a certificate of \(certificate.utf8.count) bytes of PEM and its key"
    }
    /// As ``description``.
    public var debugDescription: String { description }
    /// Nothing: a dump shows no key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Hosts and numeric addresses that a certificate is for.
public struct CertifiedNames: Hashable, Sendable {
    /// Host names, in ASCII.
    public let hosts: [String]
    /// Addresses as `127.0.0.1` and `::1`.
    public let addresses: [String]

    /// Takes hosts of letters, digits, `-` and `.`, and numeric addresses; together at least one.
    public init(hosts: [String], addresses: [String] = []) {
        precondition(!hosts.isEmpty || !addresses.isEmpty, "a certificate is for at least one name")
        for host in hosts {
            precondition(
                !host.isEmpty && host.utf8.allSatisfy(Self.isOfHost),
                "a host name is made of letters, digits, - and .")
        }
        for address in addresses {
            precondition(
                !address.isEmpty && address.utf8.allSatisfy(Self.isOfAddress),
                "an address is made of digits, letters up to f, : and .")
        }
        self.hosts = hosts
        self.addresses = addresses
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func isOfAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// As a certificate's alternative names, in OpenSSL's words.
    var alternatives: String {
        (hosts.map { "DNS:\($0)" } + addresses.map { "IP:\($0)" }).joined(separator: ",")
    }

    /// As an authority's constraints, in OpenSSL's words: these names, what is below them, and no others.
    var constraints: String {
        let domains = hosts.filter { host in !hosts.contains { host.hasSuffix(".\($0)") } }
        let one = "255.255.255.255"
        let six = Array(repeating: "ffff", count: 8).joined(separator: ":")
        // No name or address of a kind that is not named at all: one that nobody has stands for it.
        let names = domains.isEmpty ? ["invalid"] : domains
        let numbers = addresses.map { "\($0)/\($0.contains(":") ? six : one)" }
        let all =
            names.map { "permitted;DNS:\($0)" }
            + (numbers.isEmpty ? ["255.255.255.255/\(one)"] : numbers).map { "permitted;IP:\($0)" }
        return (["critical"] + all).joined(separator: ",")
    }
}
