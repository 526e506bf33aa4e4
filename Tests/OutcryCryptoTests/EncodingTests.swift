import OutcryCrypto
import Testing

/// RFC 4648 section 10, and what the strict reading refuses.
@Suite struct EncodingTests {
    @Test func knownAnswers() throws {
        let answers = [
            ("", "", ""), ("f", "Zg==", "66"), ("fo", "Zm8=", "666f"), ("foo", "Zm9v", "666f6f"),
            ("foob", "Zm9vYg==", "666f6f62"), ("fooba", "Zm9vYmE=", "666f6f6261"),
            ("foobar", "Zm9vYmFy", "666f6f626172"),
        ]
        for (text, base64, hex) in answers {
            let bytes = Array(text.utf8)
            #expect(Base64.encode(bytes) == base64)
            #expect(try Base64.decode(base64) == bytes)
            #expect(Hex.encode(bytes) == hex)
            #expect(try Hex.decode(hex) == bytes)
            #expect(try Hex.decode(hex.uppercased()) == bytes)
        }
        let all = Array<UInt8>(0...255)
        #expect(Base64.encode([0xFB, 0xEF, 0xFF]) == "++//")
        // Every group of letters at every place of a word, and every length.
        for length in 0..<200 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * $0 * 31 + length * 7) }
            let text = Base64.encode(bytes)
            let slow = stride(from: 0, to: length, by: 3).map {
                Base64.encode(Array(bytes[$0..<min(length, $0 + 3)]))
            }
            #expect(text == slow.joined(), "\(length) bytes")
            #expect(text.utf8.count == Base64.encodedCount(length))
        }
        let word = Base64.encode((0..<192).map { UInt8($0) })
        #expect(word.hasPrefix("AAECAwQFBgcICQoLDA0ODxAR") && word.hasSuffix("t7i5uru8vb6/"))
        #expect(try Base64.decode(Base64.encode(all)) == all)
        #expect(try Hex.decode(Hex.encode(all)) == all)
    }

    @Test func base64IsStrict() {
        let cases: [(String, Int, String)] = [
            ("Z", 1, "base64"), ("Zg", 2, "'='"), ("Zg=", 3, "'='"), ("Zg===", 4, "the end"),
            ("Zg==Zg==", 4, "the end"), ("Z===", 1, "base64"), ("====", 0, "base64"),
            ("Zm9v=", 4, "base64"), ("Zm9v!", 4, "base64"), ("Zm-_", 2, "base64"),
            ("Zm 9v", 2, "base64"), ("Zh==", 4, "zero bits before the padding"),
            ("Zm9=", 4, "zero bits before the padding"), ("Zg=a", 3, "'='"),
        ]
        for (text, offset, expected) in cases {
            do throws(CryptoError) {
                let bytes = try Base64.decode(text)
                Issue.record("\(text) was decoded to \(bytes)")
            } catch {
                guard case .malformed(let at, let wanted, _) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(at == offset && wanted == expected, "\(text): \(error)")
            }
        }
    }

    @Test func whitespaceIsSkippedWhenAsked() throws {
        let text = " Zm9v\r\n\tYg =\n= \n"
        #expect(try Base64.decode(text, skipsWhitespace: true) == Array("foob".utf8))
        #expect(throws: CryptoError.self) { try Base64.decode(text) }
    }

    @Test func hexIsStrict() {
        #expect(
            throws: CryptoError.malformed(
                offset: 3, expected: "a second hex digit", found: "the end")
        ) {
            try Hex.decode("66a")
        }
        #expect(throws: CryptoError.malformed(offset: 1, expected: "a hex digit", found: "'g'")) {
            try Hex.decode("6g")
        }
    }

    @Test func randomBytesDiffer() throws {
        #expect(try RandomBytes.make(0) == [])
        let one = try RandomBytes.make(32)
        let two = try RandomBytes.make(32)
        #expect(one.count == 32 && one != two)
        #expect(try RandomBytes.word() != RandomBytes.word())
    }
}
