import COpenSSL
import OutcryKernel
import Testing

@testable import OutcryReactor

/// Certificates, keys and authorities that cannot be used are refused before anything listens or dials.
@Suite struct TLSOptionsTests {
    let authority: TestAuthority
    let good: TestAuthority.Party

    init() throws {
        authority = try TestAuthority()
        good = try authority.issue(names: "DNS:good.test")
    }

    private func why(_ chain: PEMSource, _ key: PEMSource) -> String {
        do {
            _ = try TLSContext.server(TLSIdentity(chain: chain, key: key))
            return "used"
        } catch { return "\(error)" }
    }

    @Test func identities() throws {
        let chain = PEMSource.text(good.certificatePEM)
        let key = PEMSource.text(good.keyPEM)
        #expect(why(chain, key) == "used")
        #expect(why(.text(good.certificatePEM + authority.root.certificatePEM), key) == "used")
        #expect(why(.text(""), key).contains("expected at least one certificate"))
        #expect(why(.text("nonsense"), key).contains("found none"))
        #expect(why(chain, .text("")).contains("expected a private key"))
        #expect(why(chain, chain).contains("expected a private key"))
        let other = try authority.issue(names: "DNS:good.test")
        #expect(why(chain, .text(other.keyPEM)).contains("to belong to it"))
        let cut = String(good.certificatePEM.dropLast(60))
        #expect(
            why(.text(cut), key).contains("certificates as PEM text"), "\(why(.text(cut), key))")
        let missing = why(.file("/nonexistent/chain.pem"), key)
        #expect(missing.contains("/nonexistent/chain.pem") && missing.contains("No such file"))
        // An old key with a password: nobody is asked for it.
        let locked = unsafe TestAuthority.text {
            unsafe PEM_write_bio_PrivateKey(
                $0, good.key, EVP_aes_128_cbc(), "secret", 6, nil, nil)
        }
        #expect(why(chain, .text(locked)).contains("not encrypted"))
        let weak = try authority.issue(names: "DNS:good.test", bits: 1024)
        #expect(why(.text(weak.certificatePEM), .text(weak.keyPEM)).contains("too small"))
    }

    @Test func authorities() throws {
        #expect(throws: TLSFailure.self) { _ = try TLSContext.client(.authorities(.text("x"))) }
        #expect(throws: TLSFailure.self) {
            _ = try TLSContext.client(.authorities(.file("/nonexistent")))
        }
        _ = try TLSContext.client(.system)
    }

    @Test func protocolNames() throws {
        #expect(try TLSContext.wire(["h2", "http/1.1"]).count == 12)
        for name in ["", String(repeating: "x", count: 256)] {
            #expect(throws: TLSFailure.self) { _ = try TLSContext.wire([name]) }
        }
    }

    @Test func keysAreNotShown() throws {
        let key = good.keyPEM
        let secret = String(key.split(separator: "\n")[1])
        var options = TLSServerOptions(identity: good.identity)
        options.clientTrust = .authorities(.text(key))
        var client = TLSClientOptions()
        client.identity = good.identity
        var dumped = ""
        dump(options, to: &dumped)
        dump(client, to: &dumped)
        dump(TLSRole.server(options), to: &dumped)
        dump(try TLSContext.server(good.identity), to: &dumped)
        let shown = [
            dumped, "\(options)", "\(client)", String(reflecting: options),
            "\(TLSRole.client(client, serverName: "x"))", why(.text(key), .text(key)),
        ]
        for text in shown {
            #expect(!text.contains(secret))
        }
        #expect("\(options)".contains("bytes of PEM"))
    }
}
