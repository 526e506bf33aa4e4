import Outcry

/// `outcry-peer http-get`: lines `ID METHOD URL` from the standard input, each a call on a connection of its
/// own within 3 s, through the proxies of the environment; prints `ID STATUS SHA1` of the body, or `ID error` and why to the error output.
enum HTTPGet {
    struct Call {
        let id: String
        let call: HTTPCall
    }

    static func run(_ words: inout PeerWords) throws {
        try words.finish()
        var calls: [Call] = []
        while let line = readLine() {
            let parts = line.split(separator: " ").map(String.init)
            guard !parts.isEmpty else { continue }
            guard parts.count == 3 else {
                throw PeerError("expected a line ID METHOD URL, found \"\(line)\"")
            }
            do throws(CodecError) {
                let url = try VenueURL(parts[2])
                let head = HTTPRequestHead(method: parts[1], target: url.target)
                calls.append(Call(id: parts[0], call: HTTPCall(url: url, request: head)))
            } catch {
                Output.line("\(parts[0]) error")
                Output.error("\(parts[0]): \(error)")
            }
        }
        let kernel = Kernel(driver: try Reactor())
        var options = HTTPClientOptions()
        options.timeout = .seconds(3)
        options.keepsAlive = false
        options.connectionsPerHost = 64
        options.proxies = try ProxyRules(
            environment: ProcessEnvironment.values(of: ProxyRules.variables))
        let client = kernel.start(HTTPClient(options), alias: "http")
        kernel.start(HTTPGetter(calls, client))
        try kernel.run()
    }
}

/// Makes the calls, 32 at a time.
private final class HTTPGetter: Session {
    private var calls: ArraySlice<HTTPGet.Call>
    private let client: SessionID

    init(_ calls: [HTTPGet.Call], _ client: SessionID) {
        self.calls = calls[...]
        self.client = client
    }

    static func handlers(_ on: inout Handlers<HTTPGetter>) {
        on(.started) { me, _, my in
            for _ in 0..<min(32, me.calls.count) {
                my.task { my in
                    while let next = me.calls.popFirst() {
                        let result = try await my.ask(
                            .httpCall, to: me.client, next.call, timeout: .seconds(6))
                        Self.tell(next.id, result)
                    }
                }
            }
        }
    }

    private static func tell(_ id: String, _ result: Outcome<HTTPReply, HTTPFailure>) {
        switch result {
        case .success(let reply):
            Output.line("\(id) \(reply.head.status) \(Hex.encode(SHA1.hash(reply.body)))")
        case .failure(let failure):
            Output.line("\(id) error")
            Output.error("\(id): \(failure)")
        }
    }
}
