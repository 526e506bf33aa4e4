import OutcryBytes
import OutcryKernel

/// A server with a seat for each of some clients, which note what they hear.
private final class Hall {
    let server = End()
    let clients = End()
    private(set) var seats: [StreamWheel] = []
    private(set) var heard: [String]
    /// Clients' streams that have ended.
    private(set) var ends = 0
    private var own: [StreamWheel] = []
    /// All are seated.
    var full: (Context) -> Void = { _ in }
    /// A client's stream has ended: all that was put to it was heard.
    var ended: (Int, Context) -> Void = { _, _ in }

    init(_ kernel: Kernel, seats count: Int, options: StreamOptions = StreamOptions()) {
        heard = Array(repeating: "", count: count)
        var seated: [Int: StreamWheel] = [:]
        server.started = { me, my in
            me.listener = try my.listen(on: .loopback(port: 0), options: options)
        }
        server.received = { stream, my in
            guard let number = Int(stream.takeText()) else { return }
            seated[number] = stream
            guard seated.count == count else { return }
            self.seats = (0..<count).compactMap { seated[$0] }
            self.full(my)
        }
        server.ended = { _, _ in }
        kernel.start(server, alias: "server")
        clients.started = { _, my in
            guard let listener = self.server.listener else { return }
            self.own = (0..<count).map { _ in my.connect(to: .address(listener.address)) }
        }
        clients.opened = { stream, _ in stream.put(text: "\(self.number(stream))") }
        clients.received = { stream, _ in self.heard[self.number(stream)] += stream.takeText() }
        clients.ended = { stream, my in
            stream.close()
            self.ends += 1
            self.ended(self.number(stream), my)
            if self.ends == count { my.kernel.stop() }
        }
        kernel.start(clients, alias: "clients")
    }

    private func number(_ stream: StreamWheel) -> Int { own.firstIndex { $0 === stream } ?? 0 }

    func endAll() { for stream in seats { stream.endWriting() } }

    /// The clients hear nothing for now.
    func setDeaf(_ number: Int, _ isDeaf: Bool) {
        if isDeaf { own[number].pauseReading() } else { own[number].resumeReading() }
    }
}

extension StreamGroup {
    func put(text: String) { put(text.utf8.span) }
}

/// Puts at random, by groups and alone, and knows what each client should hear.
private struct Storm {
    var random: SeededGenerator
    let streams: [StreamWheel]
    let groups: [StreamGroup]
    var expected: [String]
    /// In which group each is.
    var place: [Int?]
    private var said = 0

    init(seed: UInt64, _ streams: [StreamWheel], _ groups: [StreamGroup]) {
        random = SeededGenerator(seed: seed)
        self.streams = streams
        self.groups = groups
        expected = Array(repeating: "", count: streams.count)
        place = Array(repeating: nil, count: streams.count)
    }

    private mutating func text() -> String {
        said += 1
        let isLong = Int.random(in: 0..<12, using: &random) == 0
        return "\(said)" + String(repeating: "x", count: isLong ? 90_000 : said % 9) + ","
    }

    mutating func step() {
        let one = Int.random(in: 0..<streams.count, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
            let text = text()
            let number = Int.random(in: 0..<groups.count, using: &random)
            groups[number].put(text: text)
            for i in streams.indices where place[i] == number { expected[i] += text }
        case 5:
            let text = text()
            streams[one].put(text: text)
            expected[one] += text
        case 6, 7:
            place[one] = Int.random(in: 0..<groups.count, using: &random)
            groups[place[one]!].add(streams[one])
        case 8:
            streams[one].leaveGroup()
            place[one] = nil
        default:
            let bytes = Int.random(in: 0..<4, using: &random) * 7
            streams[one].limitWriting(to: bytes == 0 ? nil : bytes)
        }
    }
}

extension Scenario {
    static let groups = [
        Scenario(
            "a group's bytes go to all, in order with those that are put to one",
            [
                "unwritten 13 18 27", "one two three", "one mine two three",
                "before one two three behind", "written [13, 18, 27]",
            ]
        ) { kernel, log in
            let hall = Hall(kernel, seats: 3)
            hall.full = { my in
                let group = my.makeGroup()
                for stream in hall.seats { group.add(stream) }
                hall.seats[2].put(text: "before ")
                group.put(text: "one ")
                hall.seats[1].put(text: "mine ")
                group.put(text: "two ")
                group.put(text: "three")
                hall.seats[2].put(text: " behind")
                let waiting = hall.seats.map { "\($0.unwritten)" }
                log.note("unwritten \(waiting.joined(separator: " "))")
                hall.endAll()
            }
            try kernel.run()
            for text in hall.heard { log.note(text) }
            log.note("written \(hall.seats.map(\.bytesOut))")
        },
        Scenario(
            "who comes late hears what comes then, who leaves what was put before",
            ["both late", "left", "both late", "members 2, then 1"]
        ) { kernel, log in
            let hall = Hall(kernel, seats: 3)
            var members: [Int] = []
            hall.full = { my in
                let group = my.makeGroup()
                let other = my.makeGroup()
                group.add(hall.seats[0])
                other.add(hall.seats[2])
                other.put(text: "both ")
                group.put(text: "both ")
                group.add(hall.seats[1])
                group.add(hall.seats[2])
                group.put(text: "late")
                members.append(other.count + group.count - 1)
                my.post(.beat, to: "server")
                hall.server.beat = { _ in
                    group.remove(hall.seats[1])
                    other.put(text: "nobody hears this")
                    hall.endAll()
                    members.append(group.count + other.count + 1)
                }
            }
            try kernel.run()
            for text in hall.heard { log.note(text == "late" ? "left" : text) }
            log.note("members \(members[0]), then \(members[1])")
        },
        Scenario(
            "one that takes nothing feels pressure and reaches its limit alone",
            ["high", "closed overflowed", "heard 200000 and 200000", "members 2"]
        ) { kernel, log in
            var options = StreamOptions()
            options.highWater = 40_000
            options.lowWater = 10_000
            options.outboundLimit = 100_000
            let hall = Hall(kernel, seats: 3, options: options)
            var group: StreamGroup?
            hall.server.pressure = { pressure, _ in
                guard pressure.stream === hall.seats[1] else { return }
                log.note(pressure.isHigh ? "high" : "low")
            }
            hall.server.closed = { closed, my in
                guard closed.stream === hall.seats[1] else { return }
                guard case .overflowed = closed.reason else { return }
                log.note("closed overflowed")
            }
            var rounds = 0
            hall.full = { my in
                let all = my.makeGroup()
                for stream in hall.seats { all.add(stream) }
                group = all
                hall.seats[1].limitWriting(to: 0)
                my.post(.beat, to: "server")
            }
            hall.server.beat = { my in
                rounds += 1
                guard rounds <= 10 else {
                    log.note("heard \(hall.seats[0].bytesOut) and \(hall.seats[2].bytesOut)")
                    log.note("members \(group?.count ?? 0)")
                    return my.kernel.stop()
                }
                let bytes = [UInt8](repeating: 65, count: 20_000)
                group?.put(bytes.span)
                my.after(.milliseconds(1), .beat)
            }
            try kernel.run()
        },
        Scenario(
            "one that overflows in a turn and is closed in it hears nothing with a hole",
            ["closed overflowed", "heard 1048582 and 1048582", "no hole"]
        ) { kernel, log in
            var options = StreamOptions()
            options.outboundLimit = 1 << 20
            let hall = Hall(kernel, seats: 3, options: options)
            hall.server.closed = { closed, _ in
                guard closed.stream === hall.seats[1] else { return }
                guard case .overflowed = closed.reason else { return log.note("closed") }
                log.note("closed overflowed")
            }
            hall.full = { my in
                let group = my.makeGroup()
                for stream in hall.seats { group.add(stream) }
                hall.seats[1].put(text: "before ")
                let bytes = [UInt8](repeating: 65, count: 1 << 20)
                group.put(bytes.span)
                // So much is given at once, and does not go behind what the one has.
                group.put(text: "behind")
                hall.seats[1].put(text: "alone")
                hall.seats[1].close()
                hall.seats[0].endWriting()
                hall.seats[2].endWriting()
            }
            var ends = 0
            hall.ended = { number, my in
                guard number != 1 else { return }
                ends += 1
                if ends == 2 { my.kernel.stop() }
            }
            try kernel.run()
            log.note("heard \(hall.heard[0].utf8.count) and \(hall.heard[2].utf8.count)")
            log.note("before ".hasPrefix(hall.heard[1]) ? "no hole" : "heard \(hall.heard[1])")
        },
        Scenario(
            "what is put to another while a turn is flushed goes at once", ["low", "heard it"]
        ) { kernel, log in
            var options = StreamOptions()
            options.highWater = 10
            options.lowWater = 5
            let hall = Hall(kernel, seats: 2, options: options)
            hall.full = { my in
                // Nothing comes back for these bytes: no input wakes the kernel.
                hall.setDeaf(0, true)
                hall.server.pressure = { pressure, _ in
                    guard !pressure.isHigh else { return }
                    log.note("low")
                    hall.seats[1].put(text: "it")
                    hall.seats[1].endWriting()
                }
                hall.seats[0].put(text: "more than ten bytes")
            }
            hall.ended = { number, my in
                log.note("heard \(hall.heard[number])")
                my.kernel.stop()
            }
            try kernel.run()
        },
        Scenario(
            "groups say what a put to each would have said, whatever comes between", ["equal"]
        ) { kernel, log in
            let hall = Hall(kernel, seats: 5)
            var storm: Storm?
            var rounds = 0
            hall.full = { my in
                storm = Storm(seed: 11, hall.seats, [my.makeGroup(), my.makeGroup()])
                my.post(.beat, to: "server")
            }
            hall.server.beat = { my in
                rounds += 1
                hall.setDeaf(rounds % 5, rounds % 3 == 0)
                for _ in 0..<rounds % 7 { storm?.step() }
                if rounds < 60 { return _ = my.after(.microseconds(100), .beat) }
                for number in 0..<5 {
                    hall.setDeaf(number, false)
                    hall.seats[number].limitWriting(to: nil)
                }
                hall.endAll()
            }
            try kernel.run()
            let expected = storm?.expected ?? []
            log.note(hall.heard == expected && expected != [] ? "equal" : "not equal")
        },
    ]
}
