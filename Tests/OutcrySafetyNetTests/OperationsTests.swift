import OutcryCrypto
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcryComponents
@testable import OutcrySafetyNet
@testable import OutcrySandbox

/// Health, staleness, who may come, the end, other upstreams.
@Suite struct OperationsTests {
    @Test func healthTellsTheTruth() throws {
        let house = try NetHouse { $0.speed = 60 }
        #expect(try house.get("/health").status == 200)
        try house.settle()
        #expect(try house.get("/ready").status == 200)
        house.exchangeKernel.post(.sandboxRestart, to: "exchange", .seconds(30))
        house.run(.seconds(2))
        #expect(try house.get("/health").status == 200)
        let lost = try house.get("/ready")
        #expect(lost.status == 503)
        #expect(lost.text.contains("the upstream is not up"))
        #expect(lost.text.contains("\"ready\":false"))
        house.run(.seconds(60))
        try house.settle()
        #expect(try house.get("/ready").status == 200)
    }

    @Test(arguments: StalenessRule.Policy.allCases) func staleDataAreRefusedOrMarked(
        policy: StalenessRule.Policy
    ) throws {
        let house = try NetHouse(
            { $0.speed = 60 },
            net: { $0.staleness = StalenessRule(limit: .seconds(20), policy: policy) })
        try house.settle()
        let calls = ["/api/1/BTCUSD/ticker", "/api/1/BTCUSD/depth", "/api/1/BTCUSD/depth/full"]
        for call in calls {
            #expect(try house.get(call)["Age"] == "0", "\(call)")
        }
        house.exchangeKernel.post(.sandboxRestart, to: "exchange", .seconds(3_000))
        house.run(.seconds(9))
        for call in calls {
            let reply = try house.get(call)
            #expect(reply.status == 200, "\(call)")
            #expect(reply["Warning"] == nil)
        }
        house.run(.seconds(60))
        for call in calls {
            let reply = try house.get(call)
            let age = Int(reply["Age"] ?? "") ?? -1
            #expect(age >= 60, "\(call) \(reply.text.prefix(100))")
            switch policy {
            case .refuse:
                #expect(reply.status == 503)
                #expect(reply.text.contains("safetynet_stale"))
            case .mark:
                #expect(reply.status == 200)
                #expect(reply["Warning"]?.hasPrefix("110") == true)
            }
        }
    }

    /// What is kept for an hour says how old it is, and is stale only when it was to be asked for anew long ago.
    @Test func whatLastsTellsItsAge() throws {
        let house = try NetHouse({ $0.speed = 1 }, net: { $0.longReplyAge = .seconds(600) })
        try house.settle()
        let calls = ["/api/1/BTCUSD/currency", "/api/1/BTCUSD/cancelledtrades"]
        for call in calls { #expect(try house.get(call)["Age"] == "0", "\(call)") }
        house.exchangeKernel.post(.sandboxRestart, to: "exchange", .seconds(3_000))
        house.run(.seconds(500))
        for call in calls {
            let reply = try house.get(call)
            #expect(reply.status == 200)
            #expect(Int(reply["Age"] ?? "").map { (500...501).contains($0) } == true, "\(call)")
        }
        house.run(.seconds(300))
        for call in calls {
            let reply = try house.get(call)
            #expect(reply.status == 503 && reply.text.contains("safetynet_stale"), "\(call)")
        }
    }

    @Test func repliesHaveTagsAndAreCompressed() throws {
        let house = try NetHouse { $0.speed = 1 }
        try house.settle()
        house.stopMarket()
        let plain = try house.get("/api/1/BTCUSD/depth/full")
        let packed = try house.get("/api/1/BTCUSD/depth/full", ["Accept-Encoding: gzip"])
        #expect(packed["Content-Encoding"] == "gzip")
        #expect(packed.body.count * 3 < plain.body.count)
        #expect(try Gzip.decompress(packed.body.span, limit: 1 << 20) == plain.body)
        let tag = try #require(plain["ETag"])
        #expect(packed["ETag"] == tag)
        house.run(.seconds(5))
        let same = try house.get("/api/1/BTCUSD/depth/full", ["If-None-Match: \"x\", \(tag)"])
        #expect(same.status == 304)
        #expect(same.body.isEmpty)
        let other = try house.get("/api/1/BTCUSD/depth/full", ["If-None-Match: \"x\""])
        #expect(other.status == 200)
        // A connection is kept for many calls.
        let peer = HTTPPeer(house)
        for _ in 0..<3 {
            peer.send("/api/1/BTCUSD/ticker")
            house.run(.milliseconds(20))
            #expect(try peer.next()?.status == 200)
        }
    }

    @Test func aTokenIsShownInOneOfFourWays() throws {
        let house = try NetHouse(
            { $0.speed = 1 }, net: { $0.access.tokens = ["s3cret", "other"] })
        try house.settle()
        let call = "/api/1/BTCUSD/ticker"
        #expect(try house.get(call).status == 401)
        #expect(try house.get("/health").status == 200)
        let basic = Base64.encode(Array("anybody:s3cret".utf8).span)
        for fields in [
            ["X-SafetyNet-Token: s3cret"], ["Authorization: Bearer other"],
            ["Authorization: Basic \(basic)"],
        ] {
            #expect(try house.get(call, fields).status == 200, "\(fields)")
        }
        #expect(try house.get(call + "?token=s3cret").status == 200)
        #expect(try house.get(call + "?token=s3cre").status == 401)
        #expect(try house.get(call, ["Authorization: Bearer s3crets"]).status == 401)
        #expect(throws: Missing.self) { try house.stream("/mtgox") }
        #expect(try house.stream("/mtgox?token=other").take().count > 3)
        // Another list, from now on.
        var access = SafetyNetAccess()
        access.tokens = ["new"]
        house.kernel.post(.safetyNetAccess, to: "net", access)
        house.run(.milliseconds(10))
        #expect(try house.get(call + "?token=s3cret").status == 401)
        #expect(try house.get(call + "?token=new").status == 200)
    }

    /// A browser's password opens nothing for pages of others, unless they are trusted; a token in the URL does,
    /// and where nobody needs one every page is served, also by the original's client that asks with
    /// credentials always.
    @Test func aBrowsersPasswordIsForOurPages() throws {
        let locked = try NetHouse(
            { $0.speed = 1 },
            net: {
                $0.access.tokens = ["s3cret"]
                $0.access.trustedOrigins = ["https://good.example"]
            })
        let open = try NetHouse { $0.speed = 1 }
        let basic = "Authorization: Basic \(Base64.encode(Array("x:s3cret".utf8).span))"
        let shake = "/socket.io/1/"
        func allowed(_ reply: Reply) -> Bool { reply["Access-Control-Allow-Credentials"] == "true" }
        let ours = try locked.get(shake, [basic, "Origin: http://localhost"])
        #expect(ours.status == 200 && allowed(ours))
        let trusted = try locked.get(shake, [basic, "Origin: https://good.example"])
        #expect(trusted.status == 200 && allowed(trusted))
        let foreign = try locked.get(shake, [basic, "Origin: https://evil.example"])
        #expect(foreign.status == 401 && !allowed(foreign))
        let script = try locked.get(
            shake + "?jsonp=0", [basic, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"])
        #expect(script.status == 401)
        let link = try locked.get(
            "/", [basic, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"])
        #expect(link.status == 200)
        let shown = try locked.get(shake + "?token=s3cret", ["Origin: https://evil.example"])
        #expect(shown.status == 200 && allowed(shown))
        #expect(shown["Access-Control-Allow-Origin"] == "https://evil.example")
        // With both the token lets it in, and the answer is not for its page.
        let both = try locked.get(
            shake + "?token=s3cret", [basic, "Origin: https://evil.example"])
        #expect(!allowed(both))
        let anybody = try open.get(shake, ["Origin: https://evil.example", "Cookie: a=b"])
        #expect(anybody.status == 200 && allowed(anybody))
    }

    @Test func ourTokenIsNobodyElses() {
        var access = SafetyNetAccess()
        access.tokens = ["a b", "t"]
        let admission = Admission(access)
        for (target, wanted) in [
            ("/x?token=t", "/x"), ("/x?raw&token=a%20b&y=1", "/x?raw&y=1"),
            ("/x?token=theirs", "/x?token=theirs"), ("/x", "/x"),
        ] {
            var head = HTTPRequestHead(method: "POST", target: target)
            head.fields.append("Authorization", "Bearer t")
            admission.hideToken(in: &head)
            #expect(head.target == wanted)
            #expect(head.fields["Authorization"] == nil)
        }
    }

    /// A token is shown to the upstream that it is for, and to no other of the list, the venue least of all.
    @Test func anUpstreamsTokenIsNobodyElses() throws {
        let house = try NetHouse(
            { $0.speed = 1 },
            net: {
                $0.upstreams.insert(
                    SafetyNetUpstream("ws://127.0.0.1:7777/mtgox", token: "for-seven"), at: 0)
            })
        #expect(house.net.upstreamFields["X-SafetyNet-Token"] == "for-seven")
        house.run(.seconds(30))
        try house.settle()
        #expect(house.net.upstreamPlace == 1)
        #expect(house.net.upstreamFields["X-SafetyNet-Token"] == nil)
        for stream in ["wss://websocket.mtgox.com/mtgox", "socketio+https://socketio.mtgox.com"] {
            let wish = SafetyNetConfiguration([SafetyNetUpstream(stream, token: "s3cret")])
            #expect(throws: SafetyNetError.self) { try SafetyNet(wish) }
        }
    }

    @Test func tokensAreNotShown() {
        var configuration = SafetyNetConfiguration([
            SafetyNetUpstream("ws://x/mtgox", token: "up-s3cret")
        ])
        configuration.access.tokens = ["s3cret"]
        var text = "\(configuration) \(configuration.access) \(configuration.upstreams)"
        dump(configuration, to: &text)
        #expect(!text.contains("s3cret"))
        #expect(text.contains("1 tokens"))
    }

    @Test func anAddressHasItsLimits() throws {
        let house = try NetHouse(
            { $0.speed = 1 },
            net: {
                $0.access.requests = (count: 5, span: .seconds(10))
                $0.access.connectionsPerAddress = 3
            })
        try house.settle()
        let call = "/api/1/BTCUSD/ticker"
        for _ in 0..<5 { #expect(try house.get(call).status == 200) }
        let refused = try house.get(call)
        #expect(refused.status == 429)
        #expect(refused["Retry-After"] == "10")
        house.run(.seconds(80))
        let peers = (0..<3).map { _ in HTTPPeer(house) }
        house.run(.milliseconds(5))
        let fourth = HTTPPeer(house)
        house.run(.milliseconds(5))
        #expect(fourth.peer.hasEnded)
        #expect(peers.allSatisfy { !$0.peer.hasEnded })
        #expect(house.net.counters.turnedAway == 1)
    }

    @Test func aWideDoorNeedsALockOrAWord() throws {
        let everywhere = SocketAddress.ipv4(0, port: 8091)
        func door(_ change: (inout SafetyNetConfiguration) -> Void) throws -> Bool {
            let house = try NetHouse(net: {
                $0.doors = [SafetyNetDoor(everywhere)]
                change(&$0)
            })
            return house.net.doorError == nil
        }
        #expect(try !door { _ in })
        #expect(try !door { $0.access.tokens = ["t"] })
        #expect(try door { $0.access.isOpenToAll = true })
    }

    @Test func theEndIsInOrder() throws {
        let house = try NetHouse { $0.speed = 60 }
        try house.settle()
        let peer = try house.stream()
        house.kernel.post(.safetyNetDrain, to: "net", .seconds(10))
        house.run(.seconds(1))
        _ = try peer.take()
        #expect(peer.closed == .goingAway)
        #expect(house.net.address == nil)
        #expect(house.kernel.find("net") == nil)
    }

    /// An upstream that is not there is left for the next one.
    @Test func theNextUpstreamIsTaken() throws {
        let house = try NetHouse(
            { $0.speed = 60 },
            net: {
                $0.upstreams.insert(SafetyNetUpstream("ws://127.0.0.1:7777/mtgox"), at: 0)
            })
        house.run(.seconds(30))
        try house.settle()
        #expect(house.net.upstreamPlace == 1)
        #expect(house.net.counters.failovers == 1)
        #expect(try house.get("/api/1/BTCUSD/ticker").status == 200)
    }

    /// An ordinary link behind a SafetyNet behind a SafetyNet has the exchange's book, on every carrier.
    @Test(arguments: ["ws", "socketio+http"]) func oneStandsBehindAnother(scheme: String) throws {
        let house = try NetHouse({ $0.speed = 60 }, net: { $0.access.tokens = ["let me in"] })
        try house.settle()
        var second = SafetyNetConfiguration([
            SafetyNetUpstream(
                "\(scheme)://127.0.0.1:\(NetHouse.netPort)/mtgox", token: "let me in")
        ])
        second.doors = [SafetyNetDoor(.loopback(port: 8091))]
        let kernel = Kernel(driver: Simulation(in: house.world))
        kernel.onLog = { _ in }
        let net = try SafetyNet(second)
        kernel.start(net, alias: "net")
        let clientKernel = Kernel(driver: Simulation(in: house.world))
        clientKernel.onLog = { _ in }
        let link = try MtGox.open(
            on: clientKernel, url: "\(scheme)://127.0.0.1:8091/mtgox", instruments: [.btcusd])
        house.run(.seconds(40))
        house.stopMarket()
        let copy = Copier(link)
        clientKernel.start(copy)
        house.run(.seconds(1))
        let reading = try #require(copy.copy?.reading)
        #expect(reading.evidence.isTrusted)
        let truth = house.exchange.levels
        #expect(
            Set(reading.book.bids.map { [$0.price.units, $0.quantity.units] })
                == Set(truth.bids.map { [$0.price.units, $0.quantity.units] }))
        #expect(
            Set(reading.book.asks.map { [$0.price.units, $0.quantity.units] })
                == Set(truth.asks.map { [$0.price.units, $0.quantity.units] }))
        // Signed calls and calls over the stream go through both.
        let alice = try Person("alice", house)
        let info = try alice.post("/api/1/generic/info", port: 8091)
        #expect(info.text.contains("alice"), "\(info.text)")
        let peer = try house.stream("/", port: 8091)
        peer.send(alice.sealed("private/info", id: "a1"))
        house.run(.seconds(3))
        #expect(try peer.take().contains { $0.contains("\"id\":\"a1\"") && $0.contains("alice") })
        let ours = try house.get("/api/1/BTCUSD/trades/fetch", port: 8091)
        let theirs = try house.get("/api/1/BTCUSD/trades/fetch", port: NetHouse.exchangePort)
        #expect(ours.text == theirs.text)
    }

    /// What the exchange answers wrongly is not answered with: no page of HTML, no half of a reply.
    @Test(arguments: [SandboxFault.mysqlError, .htmlError, .cutReply, .brokenGzip])
    func whatIsBrokenIsNotToldOn(fault: SandboxFault) throws {
        let house = try NetHouse({ $0.speed = 2 }, net: { $0.replyAge = .milliseconds(1) })
        try house.settle()
        house.exchangeKernel.start(FaultSetter(fault, "on"))
        house.run(.milliseconds(50))
        for call in [
            "/api/1/BTCUSD/ticker", "/api/1/BTCUSD/depth/full", "/api/1/BTCUSD/trades?since=0",
            "/api/2/money/order/lag", "/api/1/BTCUSD/currency", "/api/0/data/getTrades.php",
        ] {
            let reply = try house.get(call)
            let json = try JSONTree(reply.body)
            if reply.status == 200 {
                #expect(call.contains("/0/") || json["result"].text == "success", "\(call)")
            } else {
                #expect(json["result"].text == "error", "\(fault) \(call) \(reply.text)")
                #expect(reply.status == 503)
            }
        }
        // The book does not need it; the lag does.
        #expect(try house.get("/api/1/BTCUSD/depth").status == 200)
        #expect(try house.get("/api/2/money/order/lag").status == 503)
        house.exchangeKernel.start(FaultSetter(fault, "off"))
        house.run(.seconds(90))
        #expect(try house.get("/api/2/money/order/lag").status == 200)
    }

    /// 50 clients ask everything ten times a second: upstream it is one polite client.
    @Test func manyCostWhatOneCosts() throws {
        let house = try NetHouse { $0.speed = 60 }
        try house.settle()
        let before = house.exchange.counters.replies
        let calls = [
            "/api/1/BTCUSD/ticker", "/api/2/BTCUSD/money/ticker_fast", "/api/0/data/getDepth.php",
            "/api/1/BTCUSD/depth/full", "/api/1/BTCUSD/trades", "/api/2/money/order/lag",
            "/api/1/BTCUSD/currency",
        ]
        var asked = 0
        let peers = (0..<50).map { _ in HTTPPeer(house) }
        var refused = 0
        for round in 0..<40 {
            for (place, peer) in peers.enumerated() {
                peer.send(calls[(round + place) % calls.count])
                asked += 1
            }
            house.run(.milliseconds(100))
            for peer in peers where try peer.next()?.status != 200 { refused += 1 }
        }
        let upstream = house.exchange.counters.replies - before
        let counters = house.net.counters
        print(
            "asked \(asked), upstream \(upstream), made anew \(counters.replies - counters.shelved)"
        )
        // One polite client: each public call at most every two seconds, as its answer may be so old.
        #expect(upstream <= 20, "upstream \(upstream) for \(asked)")
        #expect(refused == 0)
    }
}

/// Sets the exchange's faults.
private final class FaultSetter: Session {
    let setting: SandboxFaultSetting
    init(_ fault: SandboxFault, _ value: String) {
        setting = SandboxFaultSetting(fault.rawValue, value)
    }
    static func handlers(_ on: inout Handlers<FaultSetter>) {
        on(.started) { me, _, my in
            my.ask(
                .sandboxFaults, to: "exchange", [me.setting], timeout: .seconds(5),
                then: .testFaulty)
        }
        on(.testFaulty) { _, _, _ in }
    }
}

/// Copies a link's book.
private final class Copier: Session {
    let link: Link
    var copy: BookCopy?
    init(_ link: Link) { self.link = link }
    static func handlers(_ on: inout Handlers<Copier>) {
        on(.started) { me, _, my in
            my.ask(.copyBook, to: me.link.books, .btcusd, timeout: .seconds(5), then: .testCopied)
        }
        on(.testCopied) { me, answer, _ in
            if case .reply(let copy) = answer { me.copy = copy }
        }
    }
}

extension Event
where Payload == Answer<Result<[SandboxFaultSetting], SandboxRefusal>> {
    fileprivate static let testFaulty = Self("test.faulty")
}

extension Event where Payload == Answer<BookCopy> {
    fileprivate static let testCopied = Self("test.copied")
}
