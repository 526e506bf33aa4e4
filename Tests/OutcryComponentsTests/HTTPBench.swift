import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

/// Makes calls, and keeps what became of each.
final class HTTPCaller: Session {
    var results: [Int: Outcome<HTTPReply, HTTPFailure>] = [:]
    var order: [Int] = []

    static func handlers(_ on: inout Handlers<HTTPCaller>) {
        on(.makeCall) { me, call, my in
            let number = call.number
            let what = call.call
            my.task { my in
                let result = try await my.ask(
                    .httpCall, to: "http", what, timeout: .seconds(100))
                me.results[number] = result
                me.order.append(number)
            }
        }
    }
}

struct NumberedCall {
    let number: Int
    let call: HTTPCall
}

extension Event where Payload == NumberedCall {
    static let makeCall = Self("test.makeCall")
}

/// An HTTP client in a world of its own, and the test as its servers.
final class HTTPBench {
    let world: SimulatedWorld
    let door: SimulatedDoor
    let kernel: Kernel
    let caller = HTTPCaller()
    var peers: [SimulatedPeer] = []

    init(_ change: (inout HTTPClientOptions) -> Void = { _ in }, seed: UInt64 = 1) throws {
        var options = HTTPClientOptions()
        options.timeout = .seconds(5)
        options.firstByteTimeout = .seconds(30)
        options.bodyLimit = 1 << 20
        change(&options)
        world = SimulatedWorld(seed: seed)
        door = try world.listen(on: .loopback(port: 80))
        kernel = Kernel(driver: Simulation(in: world))
        kernel.onLog = { _ in }
        kernel.start(HTTPClient(options), alias: "http")
        kernel.start(caller, alias: "caller")
    }

    func call(_ number: Int, _ call: HTTPCall) {
        kernel.post(.makeCall, to: "caller", NumberedCall(number: number, call: call))
    }

    func get(_ number: Int, _ target: String = "/") throws {
        call(number, HTTPCall(get: target, at: try VenueURL("http://localhost/")))
    }

    /// The next connection, with its request, if one comes.
    func accept() -> SimulatedPeer? {
        var peer: SimulatedPeer?
        _ = world.run(within: .seconds(1)) {
            if peer == nil { peer = door.accept() }
            return peer?.text.contains("\r\n\r\n") == true
        }
        if let peer { peers.append(peer) }
        return peer
    }

    func words(_ number: Int) -> String {
        switch caller.results[number] {
        case .success(let reply):
            "\(reply.head.status) \(String(decoding: reply.body, as: UTF8.self))"
        case .failure(let failure): "\(failure)"
        case nil: "nothing"
        }
    }

    /// What comes of `text`, given in one piece, or byte by byte.
    func outcome(_ text: String, ends: Bool = false, bytewise: Bool = false) throws -> String {
        try get(1)
        let peer = try #require(accept())
        if bytewise {
            for byte in text.utf8 {
                peer.send([byte])
                world.advance(by: .milliseconds(1))
            }
        } else {
            peer.send(text)
        }
        if ends { peer.end() }
        _ = world.run(within: .seconds(20)) { caller.results[1] != nil }
        return words(1)
    }

    /// Reads the next request on a connection, which it has to bring in time, and answers it.
    func answer(
        _ peer: SimulatedPeer, _ reply: String = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    ) -> String {
        var request = ""
        _ = world.run(within: .seconds(1)) {
            request += String(decoding: peer.take(), as: UTF8.self)
            return request.contains("\r\n\r\n")
        }
        peer.send(reply)
        world.advance(by: .milliseconds(10))
        return request
    }

    /// A connection that is there already, if one is.
    func next() -> SimulatedPeer? {
        world.advance(by: .milliseconds(10))
        return door.accept()
    }
}
