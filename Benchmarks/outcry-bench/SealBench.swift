import Outcry
import OutcryMeasuring

/// What a signed call costs the signer: from the event that asks for it to the event that brings it.
enum SealBench {
    /// Asks for calls in batches, as an order desk with many orders does.
    final class Gateway: Session {
        private let call = MtGoxRawCall(
            endpoint: "order/add", instrument: .btcusd,
            parameters: [
                MtGoxParameter("type", "bid"), MtGoxParameter("amount_int", "100000000"),
                MtGoxParameter("price_int", "1443000"),
            ])
        private let ids: [String]
        private var left: Int
        private var next: UInt64 = 0
        private var inFlight = 0
        private(set) var bytes = 0
        private(set) var stamps: [UInt64] = []
        private(set) var failures = 0
        let isSerial: Bool

        init(_ count: Int, isSerial: Bool = false) {
            self.isSerial = isSerial
            left = count
            stamps.reserveCapacity(count)
            ids = (0..<1000).map { "order_add:bid:1443000:\($0)" }
        }

        static func handlers(_ on: inout Handlers<Gateway>) {
            on(.started) { me, _, my in me.ask(my) }
            on(.mtgoxSealed) { me, sealed, my in
                if case .stream(let text) = sealed.message { me.bytes += text.count }
                me.stamps.append(sealed.stamp.value)
                if me.isSerial { my.post(.mtgoxSealDone, to: "signer", sealed.number) }
                me.count(my)
            }
            on(.mtgoxNotSealed) { me, _, my in
                me.failures += 1
                me.count(my)
            }
        }

        private func count(_ my: Context) {
            inFlight -= 1
            if inFlight == 0 { ask(my) }
        }

        private func ask(_ my: Context) {
            guard left > 0 else { return my.kernel.stop() }
            inFlight = min(left, 1000)
            left -= inFlight
            for place in 0..<inFlight {
                next += 1
                my.post(
                    .mtgoxSeal, to: "signer",
                    MtGoxSealJob(number: next, call: call, carrier: .stream(id: .text(ids[place]))))
            }
        }
    }

    static func run(_ words: [String]) throws -> Int32 {
        let count = words.first.flatMap { Int($0) } ?? 200_000
        let credentials = try MtGoxCredentials(
            key: "a8f0c118-f963-430a-9150-02fc673afdda",
            secret: Base64.encode([UInt8](repeating: 7, count: 64)))
        let key = credentials.secret
        if words.count == 3 { return try share(credentials, count, words[1], words[2]) }
        let message = [UInt8](repeating: 0x61, count: 180)
        var sum: UInt64 = 0
        let code = Measuring.measure(count) {
            for _ in 0..<count { sum &+= UInt64(key.inlineCode(of: message.span)[0]) }
        }
        let kernel = Kernel(driver: Simulation(seed: 1))
        let gateway = Gateway(count)
        kernel.start(MtGoxSigner(credentials, gateway: "gateway"), alias: "signer")
        kernel.start(gateway, alias: "gateway")
        let seal = try Measuring.measure(count) { try kernel.run() }
        print(
            """
            \(count) calls, \(gateway.bytes / max(1, count)) bytes each (\(sum & 1))
            HMAC-SHA512 of 180 bytes   \(Measuring.text(code)) ns
            asked, signed, delivered   \(Measuring.text(seal)) ns
            """)
        return 0
    }

    /// One of several processes that share a key by a folder; prints its stamps, and what it did to stderr.
    private static func share(
        _ credentials: MtGoxCredentials, _ count: Int, _ stamps: String, _ folder: String
    ) throws -> Int32 {
        var options = MtGoxSignerOptions()
        options.stamps = stamps == "nonce" ? .nonce : .tonce
        options.folder = folder
        let reactor = try Reactor()
        let kernel = Kernel(driver: reactor)
        let gateway = Gateway(count, isSerial: options.stamps == .nonce)
        kernel.start(
            MtGoxSigner(credentials, gateway: "gateway", options: options), alias: "signer")
        kernel.start(gateway, alias: "gateway")
        let time = try Measuring.measure(count) { try kernel.run() }
        reactor.emit(
            "\(stamps): \(Measuring.text(time / 1000)) us a call, \(gateway.failures) refused")
        print(gateway.stamps.map { "\($0)" }.joined(separator: "\n"))
        return gateway.failures == 0 ? 0 : 1
    }
}
