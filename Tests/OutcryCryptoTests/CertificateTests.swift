import OutcryCrypto
import Testing

@Suite struct CertificateTests {
    private static let names = CertifiedNames(
        hosts: ["mtgox.com", "data.mtgox.com", "localhost"], addresses: ["127.0.0.1", "::1"])
    private static let day: Int64 = 86_400
    /// 2026-01-01.
    private static let now: Int64 = 1_767_225_600
    private static let valid = now - day..<now + 30 * day

    private static func authority() throws -> CertificateAuthority {
        try .make("Test Authority", for: names, valid: now - day..<now + 3_650 * day)
    }

    @Test func vouchesForWhatItIssued() throws {
        let authority = try Self.authority()
        let server = try authority.issue(for: Self.names, valid: Self.valid)
        #expect(authority.isValid(at: Self.now))
        #expect(authority.vouches(for: server, names: Self.names, at: Self.now))
        for name in ["mtgox.com", "data.mtgox.com", "localhost"] {
            let one = CertifiedNames(hosts: [name])
            #expect(authority.vouches(for: server, names: one, at: Self.now), "\(name)")
        }
        for other in ["www.mtgox.com", "example.org", "com"] {
            let one = CertifiedNames(hosts: [other])
            #expect(!authority.vouches(for: server, names: one, at: Self.now), "\(other)")
        }
        let address = CertifiedNames(hosts: [], addresses: ["127.0.0.2"])
        #expect(!authority.vouches(for: server, names: address, at: Self.now))
    }

    @Test func nothingIsGoodOutsideItsTime() throws {
        let authority = try Self.authority()
        let server = try authority.issue(for: Self.names, valid: Self.valid)
        for (time, isGood) in [
            (Self.valid.lowerBound - 1, false), (Self.valid.lowerBound + 1, true),
            (Self.valid.upperBound - 1, true), (Self.valid.upperBound + 1, false),
        ] {
            #expect(authority.vouches(for: server, names: Self.names, at: time) == isGood)
        }
        #expect(!authority.isValid(at: Self.now - 2 * Self.day))
        #expect(!authority.isValid(at: Self.now + 3_651 * Self.day))
        // Times beyond 2049 have another form.
        let late = Self.now + 30 * 365 * Self.day
        let long = try CertificateAuthority.make(
            "Long", for: Self.names, valid: Self.now..<late + Self.day)
        #expect(long.isValid(at: late))
    }

    @Test func anotherAuthorityDoesNotVouch() throws {
        let server = try Self.authority().issue(for: Self.names, valid: Self.valid)
        let other = try Self.authority()
        #expect(!other.vouches(for: server, names: Self.names, at: Self.now))
        #expect(!other.vouches(for: other.identity, names: Self.names, at: Self.now))
    }

    /// Who trusts it trusts it for these names alone.
    @Test(arguments: [
        CertifiedNames(hosts: ["example.org"]), CertifiedNames(hosts: ["notmtgox.com"]),
        CertifiedNames(hosts: ["mtgox.com", "com"]),
        CertifiedNames(hosts: ["localhost"], addresses: ["192.0.2.1"]),
        CertifiedNames(hosts: [], addresses: ["::2"]),
    ])
    func itMayVouchForItsNamesAlone(names: CertifiedNames) throws {
        let authority = try Self.authority()
        let server = try authority.issue(for: names, valid: Self.valid)
        #expect(!authority.vouches(for: server, names: names, at: Self.now))
        let below = CertifiedNames(hosts: ["new.mtgox.com"])
        let good = try authority.issue(for: below, valid: Self.valid)
        #expect(authority.vouches(for: good, names: below, at: Self.now))
    }

    @Test func anAuthorityWithoutAddressesVouchesForNone() throws {
        let hosts = CertifiedNames(hosts: ["mtgox.com"])
        let authority = try CertificateAuthority.make("Test", for: hosts, valid: Self.valid)
        let both = CertifiedNames(hosts: ["mtgox.com"], addresses: ["127.0.0.1"])
        let server = try authority.issue(for: both, valid: Self.valid)
        #expect(!authority.vouches(for: server, names: both, at: Self.now))
    }

    @Test func whatWasWrittenIsReadAgain() throws {
        let authority = try Self.authority()
        let server = try authority.issue(for: Self.names, valid: Self.valid)
        let again = try CertificateAuthority(
            CertifiedKey(
                certificate: authority.identity.certificate, key: authority.identity.key))
        #expect(again.vouches(for: server, names: Self.names, at: Self.now))
        let another = try again.issue(for: Self.names, valid: Self.valid)
        #expect(authority.vouches(for: another, names: Self.names, at: Self.now))
        #expect(server.certificate.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
        #expect(server.key.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        #expect(another.certificate != server.certificate && another.key != server.key)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let authority = try Self.authority()
        let server = try authority.issue(for: Self.names, valid: Self.valid)
        #expect(throws: CryptoError.self) {
            try CertifiedKey(certificate: server.certificate, key: authority.identity.key)
        }
        #expect(
            throws: CryptoError.unusable(what: "a certificate", expected: "an authority's")
        ) { try CertificateAuthority(server) }
        #expect(throws: CryptoError.unusable(what: "a certificate", expected: "PEM text")) {
            try CertifiedKey(certificate: server.key, key: server.key)
        }
        for key in ["", server.certificate, String(server.key.dropLast(40))] {
            #expect(
                throws: CryptoError.unusable(
                    what: "a private key", expected: "PEM text, not encrypted")
            ) { try CertifiedKey(certificate: server.certificate, key: key) }
        }
    }

    @Test func noDescriptionShowsTheKey() throws {
        let server = try Self.authority().issue(for: Self.names, valid: Self.valid)
        var dumped = ""
        dump(server, to: &dumped)
        for text in ["\(server)", String(reflecting: server), dumped] {
            #expect(!text.contains("PRIVATE KEY"), "\(text)")
        }
    }
}
