import OutcryCrypto
import OutcryVenues
import OutcryWire
import Testing

@Suite struct RestSignatureTests {
    @Test func vectorsBothWays() throws {
        let vectors = try SigningVectors().rest
        #expect(vectors.count == 9)
        for vector in vectors {
            let name = try vector.text("name")
            let credentials = try vector.credentials()
            let (target, body) = (try vector.target(), Array(try vector.text("post_body").utf8))
            let sign = credentials.restSign(target, body: body.span)
            #expect(sign == vector["Rest-Sign"], "\(name)")
            #expect("\(credentials.key)" == vector["Rest-Key"], "\(name)")
            let code = try MtGoxRestSignature.decode(vector.text("Rest-Sign"))
            #expect(Hex.encode(code) == vector["hmac_sha512_hex"], "\(name)")
            let wanted = MtGoxRestSignature.code(
                for: target + "?raw", body: body.span, key: credentials.secret)
            #expect(ConstantTime.equal(wanted, code), "\(name): the query is not signed")
        }
    }

    /// Made here with Python's `hmac`: the recorded vectors have none of version 2.
    @Test(arguments: [
        (
            "money/info", "nonce=1364767201381796",
            "zDVL1NbB9vo2FBO5mg/YuuMYGOGHW5Ablnwxibnkjr3+bgxRTsiCzlogWtTBXQslKiFBLXZA7ghz6Nca0FKyWQ=="
        ),
        (
            "BTCUSD/money/order/add", "nonce=1364767201381797&type=bid&amount_int=1000000",
            "hiLm+6luuRHAHZZzj4O2BtbFa4MploABcSQ8ICrA8NpPOMmF5SYlilMhKh+vHoxWYhOE7p4CEDn/oqZPYVRkAw=="
        ),
    ])
    func version2SignsThePath(path: String, body: String, sign: String) throws {
        let vector = try #require(SigningVectors().rest.first { $0["name"] == "v1-private-info" })
        let credentials = try vector.credentials()
        let bytes = Array(body.utf8)
        #expect(credentials.restSign("/api/2/" + path, body: bytes.span) == sign)
        #expect(credentials.restSign("/api/2/\(path)?raw", body: bytes.span) == sign)
        // The message of version 1 for a path of version 2.
        #expect(credentials.restSign("/api/1/" + path, body: bytes.span) != sign)
        #expect(MtGoxRestSignature.signedPath(of: "/api/2/" + path) == path)
        #expect(MtGoxRestSignature.signedPath(of: "/api/1/" + path) == nil)
    }

    @Test func negatives() throws {
        let vectors = try SigningVectors().rest
        for vector in vectors {
            let (target, body) = (try vector.target(), Array(try vector.text("post_body").utf8))
            let credentials = try vector.credentials()
            let code = try MtGoxRestSignature.decode(vector.text("Rest-Sign"))
            for index in body.indices {
                var flipped = body
                flipped[index] ^= 1
                let other = MtGoxRestSignature.code(
                    for: target, body: flipped.span, key: credentials.secret)
                #expect(!ConstantTime.equal(other, code))
            }
            let text = try vector.text("secret_base64")
            // Another secret, and the base64 text itself as the key.
            var swapped = Array(text)
            swapped[0] = swapped[0] == "A" ? "B" : "A"
            let secrets = [
                HMACSHA512Key(try Base64.decode(String(swapped))), HMACSHA512Key(Array(text.utf8)),
            ]
            for secret in secrets {
                let other = MtGoxRestSignature.code(for: target, body: body.span, key: secret)
                #expect(!ConstantTime.equal(other, code))
            }
            // The hex digits in place of the digest: another length.
            #expect(throws: MtGoxSigningError.self) {
                try MtGoxRestSignature.decode(
                    Base64.encode(Array(vector.text("hmac_sha512_hex").utf8)))
            }
        }
    }

    @Test func signaturesMayBeFolded() throws {
        let vector = try #require(SigningVectors().rest.first)
        let sign = try vector.text("Rest-Sign")
        let folded = "\(sign.prefix(76))\r\n \(sign.dropFirst(76))\n"
        #expect(try MtGoxRestSignature.decode(folded) == MtGoxRestSignature.decode(sign))
        for bad in ["", "not base64!", String(sign.dropLast(4)), sign + "AAAA", "AA=A"] {
            #expect(throws: MtGoxSigningError.self) { try MtGoxRestSignature.decode(bad) }
        }
    }

    @Test func theFieldsOfACall() throws {
        let vector = try #require(SigningVectors().rest.first)
        let body = Array(try vector.text("post_body").utf8)
        let fields = try vector.credentials().fields(try vector.target(), body: body.span)
        #expect(fields["Rest-Key"] == vector["Rest-Key"])
        #expect(fields["Rest-Sign"] == vector["Rest-Sign"])
        #expect(fields["Content-Type"] == vector["Content-Type"])
    }

    @Test func credentialsShowNoSecret() throws {
        let secret = Base64.encode([UInt8](repeating: 0x41, count: 64))
        let key = "a8f0c118-f963-430a-9150-02fc673afdda"
        let credentials = try MtGoxCredentials(key: key, secret: secret)
        var shown = "\(credentials) \(String(reflecting: credentials)) "
        dump(credentials, to: &shown)
        dump(["one": credentials], to: &shown)
        #expect(shown.contains(key))
        #expect(!shown.contains("QUFB") && !shown.contains("AAAA") && !shown.contains("SHA512_CTX"))
    }

    @Test func badCredentials() {
        let good = "a8f0c118-f963-430a-9150-02fc673afdda"
        let secret = Base64.encode([1, 2, 3])
        for (key, text) in [
            ("", secret), ("a8f0c118f963430a915002fc673afdda", secret), (good + "0", secret),
            ("g" + good.dropFirst(), secret), (good, ""), (good, "A"), (good, "AQID!"),
            (good, "\u{e9}"),
        ] {
            do throws(MtGoxSigningError) {
                _ = try MtGoxCredentials(key: key, secret: text)
                Issue.record("\(key) with \(text) was taken")
            } catch {
                #expect(error.part == (key == good ? .secret : .key))
                #expect(!error.description.contains("AQID"))
            }
        }
    }

    @Test func stamps() throws {
        #expect(try MtGoxCallStamp(nonce: "0", tonce: nil) == .nonce(0))
        #expect(try MtGoxCallStamp(nonce: "9223372036854775808", tonce: nil) == .nonce(1 << 63))
        #expect(
            try MtGoxCallStamp(nonce: nil, tonce: "01364767201381803").value
                == 1_364_767_201_381_803)
        let bad: [(String?, String?)] = [
            (nil, nil), ("1", "2"), ("", nil), ("-1", nil), ("+1", nil), ("1.0", nil), ("1e3", nil),
            (" 1", nil), ("9223372036854775809", nil), ("18446744073709551617", nil),
            (nil, String(repeating: "9", count: 400)), (nil, "0x10"),
        ]
        for (nonce, tonce) in bad {
            #expect(throws: MtGoxSigningError.self, "\(nonce ?? "-") \(tonce ?? "-")") {
                try MtGoxCallStamp(nonce: nonce, tonce: tonce)
            }
        }
    }
}
