import Outcry
import OutcryMeasuring

struct Payload64: Sendable {
    var a: UInt64 = 0, b: UInt64 = 1, c: UInt64 = 2, d: UInt64 = 3
    var e: UInt64 = 4, f: UInt64 = 5, g: UInt64 = 6, h: UInt64 = 7
}

struct Payload192: Sendable {
    var one = Payload64(), two = Payload64(), three = Payload64()
}

extension Event where Payload == Payload64 { static let ball64 = Self("bench.ball64") }
extension Event where Payload == Payload192 { static let ball192 = Self("bench.ball192") }
extension Event where Payload == Void { static let go = Self("bench.go") }

// The sessions are concrete types, as a bot's are: handlers of a generic class are not specialized.

final class Ping64: Session {
    var peer = SessionID.none
    var count = 0
    static func handlers(_ on: inout Handlers<Ping64>) {
        on(.ball64) { me, ball, my in
            me.count &+= 1
            guard ball.a < UInt64(KernelBench.events - 1) else { return }
            var next = ball
            next.a &+= 1
            my.post(.ball64, to: me.peer, next)
        }
    }
}

final class Pong64: Session {
    var peer = SessionID.none
    var count = 0
    static func handlers(_ on: inout Handlers<Pong64>) {
        on(.ball64) { me, ball, my in
            me.count &+= 1
            guard ball.a < UInt64(KernelBench.events - 1) else { return }
            var next = ball
            next.a &+= 1
            my.post(.ball64, to: me.peer, next)
        }
    }
}

final class Ping192: Session {
    var peer = SessionID.none
    var count = 0
    static func handlers(_ on: inout Handlers<Ping192>) {
        on(.ball192) { me, ball, my in
            me.count &+= 1
            guard ball.one.a < UInt64(KernelBench.events - 1) else { return }
            var next = ball
            next.one.a &+= 1
            my.post(.ball192, to: me.peer, next)
        }
    }
}

final class Pong192: Session {
    var peer = SessionID.none
    var count = 0
    static func handlers(_ on: inout Handlers<Pong192>) {
        on(.ball192) { me, ball, my in
            me.count &+= 1
            guard ball.one.a < UInt64(KernelBench.events - 1) else { return }
            var next = ball
            next.one.a &+= 1
            my.post(.ball192, to: me.peer, next)
        }
    }
}

final class Counted: Session {
    var peer = SessionID.none
    var count = 0
    var onCount: ((Int) -> Void)?
    static func handlers(_ on: inout Handlers<Counted>) {
        on(.ball64) { me, ball, my in
            me.count &+= 1
            if let onCount = me.onCount { onCount(me.count) }
            guard ball.a < UInt64(KernelBench.events - 1) else { return }
            var next = ball
            next.a &+= 1
            my.post(.ball64, to: me.peer, next)
        }
    }
}

final class Sink: Session {
    var count = 0
    var sum: UInt64 = 0
    static func handlers(_ on: inout Handlers<Sink>) {
        on(.ball64) { me, ball, _ in
            me.count &+= 1
            me.sum &+= ball.b
        }
    }
}

final class Listener: Session {
    var count = 0
    var sum: UInt64 = 0
    static func handlers(_ on: inout Handlers<Listener>) {
        on(.started) { _, _, my in my.register(Topic(.ball64, from: "publisher")) }
        on(.ball64) { me, ball, _ in
            me.count &+= 1
            me.sum &+= ball.b
        }
    }
}

final class Publisher: Session {
    var left: Int
    init(_ left: Int) { self.left = left }
    static func handlers(_ on: inout Handlers<Publisher>) {
        on(.go) { me, _, my in
            my.publish(.ball64, Payload64())
            me.left -= 1
            if me.left > 0 { my.yield(.go) }
        }
    }
}

final class Caller: Session {
    let target: SessionID
    let count: Int
    init(_ target: SessionID, _ count: Int) {
        self.target = target
        self.count = count
    }
    static func handlers(_ on: inout Handlers<Caller>) {
        on(.go) { me, _, my in
            for _ in 0..<me.count { try my.call(.ball64, to: me.target, Payload64()) }
        }
    }
}

final class Setter: Session {
    let count: Int
    var result = 0.0
    init(count: Int) { self.count = count }
    static func handlers(_ on: inout Handlers<Setter>) {
        on(.go) { me, _, my in
            var alarms: [AlarmID] = []
            alarms.reserveCapacity(10_000 + me.count)
            for i in 0..<10_000 { alarms.append(my.after(.seconds(i % 977 + 1), .go)) }
            me.result = Measuring.measure(me.count) {
                for i in 0..<me.count {
                    alarms.append(my.after(.milliseconds(i % 7919 + 1), .go))
                }
            }
            for alarm in alarms { my.cancel(alarm) }
            my.kernel.stop()
        }
    }
}

/// Keeps a kernel busy.
final class Keeper: Session {
    var lease: Lease?
    static func handlers(_ on: inout Handlers<Keeper>) {
        on(.started) { me, _, my in me.lease = my.lease("bench") }
    }
}

/// A session that stays although nothing happens to it.
final class Held: Session {
    static func handlers(_ on: inout Handlers<Held>) {
        on(.started) { _, _, my in my.after(.seconds(3600), .go) }
        on(.go) { _, _, _ in }
    }
}
