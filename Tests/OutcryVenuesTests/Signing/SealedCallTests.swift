import OutcryCrypto
import OutcryMarket
import OutcryWire
import Testing

@testable import OutcryVenues

@Suite struct SealedCallTests {
    @Test func vectorsBothWays() throws {
        let vectors = try SigningVectors().calls
        #expect(vectors.count == 6)
        for vector in vectors {
            let name = try vector.text("name")
            let credentials = try vector.credentials()
            let inner = Array(try vector.text("inner_json").utf8)
            // A client's way.
            let sealed = MtGoxSealedCall(inner, credentials: credentials)
            #expect(sealed.base64 == vector["call_base64"], "\(name)")
            let body = try MtGoxCallBody(inner.span)
            let message = String(decoding: sealed.message(id: body.id), as: UTF8.self)
            #expect(message == vector["outer_frame_websocket"], "\(name)")
            // A server's way.
            let taken = try MtGoxSealedCall(base64: vector.text("call_base64"))
            #expect("\(taken.key)" == vector["api_key"], "\(name)")
            #expect(Hex.encode(taken.key.bytes) == vector["key_bytes_hex"], "\(name)")
            #expect(Hex.encode(taken.code) == vector["hmac_sha512_hex"], "\(name)")
            #expect(taken.body == inner, "\(name)")
            #expect(taken.isSigned(with: credentials.secret), "\(name)")
        }
    }

    @Test func negatives() throws {
        for vector in try SigningVectors().calls {
            let secret = try vector.credentials().secret
            let blob = try Base64.decode(vector.text("call_base64"))
            for index in 16..<blob.count {
                var flipped = blob
                flipped[index] ^= 0x10
                let call = try MtGoxSealedCall(base64: Base64.encode(flipped))
                #expect(!call.isSigned(with: secret), "byte \(index)")
            }
            let text = try vector.text("secret_base64")
            let call = try MtGoxSealedCall(base64: vector.text("call_base64"))
            #expect(!call.isSigned(with: HMACSHA512Key(Array(text.utf8))))
            // The digest as base64 or as hex digits inside of the blob: bugs of real clients.
            let (head, code, body) = (Array(blob[..<16]), Array(blob[16..<80]), Array(blob[80...]))
            for digits in [Base64.encode(code), Hex.encode(code)] {
                let wrong = try MtGoxSealedCall(
                    base64: Base64.encode(head + Array(digits.utf8) + body))
                #expect(!wrong.isSigned(with: secret))
            }
        }
    }

    @Test func brokenBlobs() throws {
        let good = Base64.encode([UInt8](repeating: 7, count: 82))
        #expect(try MtGoxSealedCall(base64: good).body == [7, 7])
        let cases: [(String, MtGoxSigningError.Part)] = [
            ("", .blob), ("AAAA", .blob), (Base64.encode([UInt8](repeating: 7, count: 80)), .blob),
            ("not base64", .call), (good + "\n", .call),
            (good.replacing("BwcH", with: "Bw-_"), .call),
            (String(good.dropLast()), .call), ("=", .call), ("\u{1F600}", .call),
        ]
        for (text, part) in cases {
            do throws(MtGoxSigningError) {
                _ = try MtGoxSealedCall(base64: text)
                Issue.record("\(text) was taken")
            } catch {
                #expect(error.part == part, "\(error)")
            }
        }
    }

    @Test func bodiesAsClientsWriteThem() throws {
        let bodies = try SigningVectors().calls.map { vector in
            try MtGoxCallBody(Array(vector.text("inner_json").utf8).span)
        }
        #expect(
            bodies[0]
                == MtGoxCallBody(
                    id: "info", call: "private/info", stamp: .nonce(1_364_767_201_381_800)))
        #expect(
            bodies[2].parameters == [
                MtGoxParameter("type", "bid"), MtGoxParameter("price_int", "9250000"),
                MtGoxParameter("amount_int", "50000000"),
            ])
        #expect(bodies[3].stamp == .tonce(1_364_767_201_381_803))
        #expect(
            bodies[5]
                == MtGoxCallBody(
                    id: "abc45585ed678bc1940cd8191b42e9bc", call: "private/info",
                    stamp: .nonce(1_364_767_201_381_805), item: nil, currency: nil))
    }

    @Test func bodiesGoThereAndBack() throws {
        let bodies = [
            MtGoxCallBody(id: "a\"b\u{e9}", call: "order/add", stamp: .nonce(1 << 63)),
            MtGoxCallBody(
                id: "", call: "/orders", stamp: .tonce(0),
                parameters: [
                    MtGoxParameter("amount_int", "100000000"), MtGoxParameter("note", "\\ \n"),
                    MtGoxParameter("x", "007"), MtGoxParameter("y", "1.50"),
                    MtGoxParameter("x", "2"),
                ], item: nil, currency: "EUR"),
        ]
        for body in bodies { #expect(try MtGoxCallBody(body.json.span) == body) }
    }

    @Test func aClientsMessageIsRight() throws {
        let vector = try #require(SigningVectors().calls.first)
        let credentials = try vector.credentials()
        let body = MtGoxCallBody(
            id: "info", call: "private/info", stamp: .nonce(1_364_767_201_381_800))
        #expect(String(decoding: body.json, as: UTF8.self) == vector["inner_json"])
        let message = String(decoding: credentials.message(body), as: UTF8.self)
        #expect(message == vector["outer_frame_websocket"])
    }

    @Test(arguments: [
        "", "[]", "null", "{", "{\"call\":\"info\"}", "{\"nonce\":1}",
        "{\"call\":\"info\",\"nonce\":1,\"tonce\":2}", "{\"call\":\"info\",\"nonce\":1.5}",
        "{\"call\":\"info\",\"nonce\":-1}", "{\"call\":\"info\",\"nonce\":[1]}",
        "{\"call\":{},\"nonce\":1}", "{\"call\":\"info\",\"nonce\":1} x",
        "{\"call\":\"info\",\"nonce\":1,\"params\":{\"a\":[1]}}",
        "{\"call\":\"info\",\"nonce\":1,\"params\":[1]}",
        "{\"call\":\"info\",\"nonce\":1,\"params\":\"x\"}",
        "{\"call\":\"info\",\"nonce\":\"9223372036854775809\"}",
    ])
    func brokenBodies(text: String) {
        #expect(throws: MtGoxSigningError.self) {
            try MtGoxCallBody(Array(text.utf8).span)
        }
    }

    @Test func guids() throws {
        let text = "a01d2c58-4d36-daa9-425e-830389a3284f"
        let guid = try #require(MtGoxGUID(text))
        #expect(guid.description == text)
        #expect(MtGoxGUID(text.uppercased()) == guid)
        #expect(MtGoxGUID(bytes: guid.bytes.span) == guid)
        #expect(MtGoxGUID(bytes: ([9] + guid.bytes).span, at: 1) == guid)
        #expect(guid.high == 0xA01D_2C58_4D36_DAA9 && guid.low == 0x425E_8303_89A3_284F)
    }

    /// A number and an order's name are written as their texts would be, over either carrier.
    @Test func formsOfParameters() throws {
        let guid = "76f0ab8e-9c5d-4d7d-9a4c-3a6c5a1a9a01"
        let pairs: [(MtGoxParameter, MtGoxParameter)] = [
            (MtGoxParameter("p", Int64.max), MtGoxParameter("p", "9223372036854775807")),
            (MtGoxParameter("p", Int64.min), MtGoxParameter("p", "-9223372036854775808")),
            (MtGoxParameter("p", Int64(0)), MtGoxParameter("p", "0")),
            (MtGoxParameter("p", OrderID(guid)), MtGoxParameter("p", guid)),
            (
                MtGoxParameter("p", OrderID(random: 77)),
                MtGoxParameter("p", OrderID(random: 77).text)
            ),
            (MtGoxParameter("p", OrderID("a \"name\"")), MtGoxParameter("p", "a \"name\"")),
            (MtGoxParameter("p", OrderID("17")), MtGoxParameter("p", "17")),
        ]
        for (form, text) in pairs {
            #expect(form == text && form.hashValue == text.hashValue)
            func call(_ parameter: MtGoxParameter) -> MtGoxRawCall {
                MtGoxRawCall(endpoint: "e", parameters: [parameter])
            }
            #expect(call(form).form(.tonce(5)) == call(text).form(.tonce(5)))
            for id in [MtGoxCallID.number(17), .text("o17")] {
                #expect(
                    try Self.body(call(form), id) == Self.body(call(text), .text("o17")),
                    "\(text.value)")
            }
        }
    }

    /// The message of a call as it is sent, from the writer that a signer uses.
    private static func body(_ call: MtGoxRawCall, _ id: MtGoxCallID) throws -> String {
        let credentials = try MtGoxCredentials(
            key: "a8f0c118-f963-430a-9150-02fc673afdda",
            secret: Base64.encode([UInt8](repeating: 7, count: 64)))
        var seal = MtGoxSeal(credentials)
        let job = MtGoxSealJob(number: 1, call: call, carrier: .stream(id: id))
        guard case .stream(let text)? = seal.message(job, .tonce(5)) else { return "" }
        return String(decoding: text, as: UTF8.self)
    }
}
