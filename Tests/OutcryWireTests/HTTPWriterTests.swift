import OutcryBytes
import OutcryWire
import Testing

@Suite struct HTTPWriterTests {
    private func text(_ queue: ByteQueue) -> String {
        queue.withUnread { String(decoding: array($0, 0..<$0.count), as: UTF8.self) }
    }

    @Test func headsAreByteExact() throws {
        let queue = ByteQueue()
        let fields: HTTPFields = [HTTPField("Host", "a"), HTTPField("Empty", "")]
        try HTTPRequestHead(method: "POST", target: "/a?b=c", fields: fields).write(to: queue)
        try HTTPResponseHead(status: 404, fields: [HTTPField("A", "b c")]).write(to: queue)
        #expect(
            text(queue) == "POST /a?b=c HTTP/1.1\r\nHost: a\r\nEmpty: \r\n\r\n"
                + "HTTP/1.1 404 Not Found\r\nA: b c\r\n\r\n")
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let head = HTTPResponseHead(
            status: 200, fields: [HTTPField("Transfer-Encoding", "chunked"), HTTPField("X", "é")])
        let queue = ByteQueue()
        try head.write(to: queue)
        try HTTPChunkWriter.write(Array("hello ".utf8), to: queue)
        try HTTPChunkWriter.write([], to: queue)
        try HTTPChunkWriter.write([UInt8](repeating: 0x61, count: 300), to: queue)
        try HTTPChunkWriter.writeEnd(trailers: [HTTPField("T", "1")], to: queue)
        let bytes = queue.withUnread { array($0, 0..<$0.count) }
        let log = verify(bytes) { VerifiedHTTP(.responses(toMethod: "GET")) }
        let body = "hello " + String(repeating: "a", count: 300)
        #expect(
            log == [
                "HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "X: é",
                "body \(shown(Array(body.utf8)))", "trailers [\"T: 1\"]",
            ])
    }

    @Test func nothingCanBeSmuggledIn() {
        let heads: [HTTPRequestHead] = [
            HTTPRequestHead(fields: [HTTPField("A", "b\r\nC: d")]),
            HTTPRequestHead(fields: [HTTPField("A", "b\nC: d")]),
            HTTPRequestHead(fields: [HTTPField("A", "b\rC: d")]),
            HTTPRequestHead(fields: [HTTPField("A", "b\0")]),
            HTTPRequestHead(fields: [HTTPField("A\r\nB", "c")]),
            HTTPRequestHead(fields: [HTTPField("A:", "c")]),
            HTTPRequestHead(fields: [HTTPField("", "c")]),
            HTTPRequestHead(method: "GET /x HTTP/1.1\r\nA: b\r\n\r\nGET"),
            HTTPRequestHead(method: ""),
            HTTPRequestHead(target: "/ HTTP/1.1\r\n\r\n"),
            HTTPRequestHead(target: "/a b"),
            HTTPRequestHead(target: ""),
        ]
        for head in heads {
            let error = #expect(throws: CodecError.self) { try head.encoded() }
            #expect(error?.problem == .unwritable)
        }
        let reason = HTTPResponseHead(status: 200, reason: "OK\r\nA: b")
        #expect(throws: CodecError.self) { try reason.encoded() }
        #expect(throws: CodecError.self) { try HTTPResponseHead(status: 99).encoded() }
    }

    @Test func aFullQueueTakesNothing() {
        let queue = ByteQueue(limit: 20)
        #expect(throws: CodecError.self) {
            try HTTPRequestHead(target: "/a-longer-one").write(to: queue)
        }
        #expect(throws: CodecError.self) {
            try HTTPChunkWriter.write([UInt8](repeating: 1, count: 16), to: queue)
        }
        #expect(queue.isEmpty)
    }
}
