import OutcryWire
import Testing

@testable import OutcryComponents

@Suite struct HTTPServerMachineTests {
    /// What a server finds in bytes that come in pieces, each request answered at once; `+` where it
    /// says that the client may go on.
    private func log(_ pieces: [ArraySlice<UInt8>]) -> [String] {
        var machine = HTTPServerMachine(HTTPLimits(headBytes: 1000, bodyBytes: 100))
        var unread: [UInt8] = []
        var log: [String] = []
        for piece in pieces {
            unread += piece
            var position = 0
            loop: while true {
                do throws(CodecError) {
                    switch try machine.next(unread.span, &position) {
                    case .needMore: break loop
                    case .proceed: log.append("+")
                    case .request(let head, let body):
                        log.append(
                            "\(head.method) \(head.target) \(String(decoding: body, as: UTF8.self))"
                        )
                        let answer = machine.answer(
                            200, [], bytes: 0, keepsAlive: true, isChunked: false)
                        if answer.closes { return log + ["close"] }
                    }
                } catch { return log + ["\(error.httpStatus)"] }
            }
            unread.removeFirst(position)
        }
        return log + ["\(machine.phase)"]
    }

    /// The same, whole and cut in two at every byte; and byte by byte.
    private func verified(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        let whole = log([bytes[...]])
        for cut in 0...bytes.count {
            // Whether a client is told to go on depends on whether it did.
            let halves = log([bytes[..<cut], bytes[cut...]]).filter { $0 != "+" }
            #expect(halves == whole, "cut at \(cut)")
        }
        #expect(log(bytes.indices.map { bytes[$0...$0] }).filter { $0 != "+" } == whole)
        return whole
    }

    private let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func requestsOneAfterTheOther() {
        let post = "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        let chunked =
            "PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX: y\r\n\r\n"
        #expect(
            verified(get + post + chunked + get)
                == ["GET /a ", "POST /b hi", "PUT /c hi", "GET /a ", "idle"])
        #expect(verified(get + "GE") == ["GET /a ", "head"])
        // RFC 9112 section 2.2: no part of a request, so nobody is slow with one.
        #expect(verified(post + "\r\n") == ["POST /b hi", "idle"])
        #expect(verified(post + "\r\n\r\nGET / HTTP/1.1\r\n") == ["POST /b hi", "head"])
        #expect(verified(String(post.dropLast())) == ["body"])
        #expect(verified("GET / HTTP/1.0\r\n\r\n" + get) == ["GET / ", "close"])
    }

    @Test func nothingBehindARefusal() {
        #expect(verified(get + "GET\r\n" + get) == ["GET /a ", "400"])
        #expect(
            verified("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n" + get) == ["413"])
        #expect(verified("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" + get) == ["501"])
    }

    @Test func whoIsToldToGoOn() {
        func post(_ version: String, _ length: Int, _ body: String = "") -> [String] {
            let text =
                "POST / \(version)\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: \(length)\r\n\r\n"
            return log([Array(text.utf8)[...], Array(body.utf8)[...]])
        }
        #expect(post("HTTP/1.1", 2, "hi") == ["+", "POST / hi", "idle"])
        #expect(post("HTTP/1.1", 0) == ["POST / ", "idle"])
        #expect(post("HTTP/1.1", 101) == ["413"])
        #expect(post("HTTP/1.0", 2, "hi") == ["POST / hi", "close"])
    }

    @Test func aRequestWaitsForTheAnswerToTheLast() throws {
        var machine = HTTPServerMachine(HTTPLimits())
        let bytes = Array((get + get).utf8)
        var position = 0
        guard case .request = try machine.next(bytes.span, &position) else {
            Issue.record("no request")
            return
        }
        let half = position
        guard case .needMore = try machine.next(bytes.span, &position) else {
            Issue.record("a second request")
            return
        }
        #expect(position == half && machine.phase == .answering)
    }
}
