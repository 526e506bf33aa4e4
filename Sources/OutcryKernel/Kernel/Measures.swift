/// How long things took, in whatever unit is added: counts in buckets of which each is a thirty-second of a power
/// of two wide, so that a figure is at most 3% above the truth. Adding one allocates nothing.
public struct LatencyHistogram: Sendable {
    private var counts = [UInt32](repeating: 0, count: Self.places)
    /// How many were added.
    public private(set) var count = 0
    /// The longest.
    public private(set) var most: Int64 = 0

    /// Of up to 2^40, some 18 minutes in nanoseconds; what is longer counts as that.
    private static let places = 32 + (40 - 5) * 32

    /// An empty one: 4.6 KB.
    public init() {}

    /// Adds one; what is below zero counts as zero.
    public mutating func add(_ time: Int64) {
        let value = max(0, time)
        counts[Self.place(value)] &+= 1
        count &+= 1
        if value > most { most = value }
    }

    /// The time that the given part of all (0 ... 1) did not exceed: a bucket's upper end, at most ``most``; nil
    /// where nothing was added.
    public func quantile(_ part: Double) -> Int64? {
        guard count > 0 else { return nil }
        let wanted = max(1, Int((part * Double(count)).rounded(.up)))
        var sum = 0
        for place in counts.indices {
            sum += Int(counts[place])
            if sum >= wanted { return min(most, Self.end(place)) }
        }
        return most
    }

    private static func place(_ value: Int64) -> Int {
        guard value >= 32 else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount
        return min(places - 1, (octave - 4) << 5 | Int(value >> Int64(octave - 5)) & 31)
    }

    /// The greatest value in a place.
    private static func end(_ place: Int) -> Int64 {
        guard place >= 32 else { return Int64(place) }
        return (Int64(place & 31) + 33) << (Int64(place >> 5) - 1) - 1
    }
}

/// What was measured of one event.
public struct EventMeasure: Sendable {
    /// The event's name.
    public let event: String
    /// From the post to the beginning of the delivery. A post counts from the beginning of the handler that made it.
    public let queued: LatencyHistogram
    /// The time in handlers: of all listeners, for a published event.
    public let taken: LatencyHistogram
}

/// The histograms of a kernel, by event.
final class EventMeasures {
    var isOn = false
    private var byEvent: [Pair?] = []

    private final class Pair {
        var queued = LatencyHistogram()
        var taken = LatencyHistogram()
    }

    func add(_ event: UInt32, queued: Int64?, taken: Int64) {
        if Int(event) >= byEvent.count || byEvent[Int(event)] == nil { open(event) }
        guard let pair = byEvent[Int(event)] else { return }
        if let queued { pair.queued.add(queued) }
        pair.taken.add(taken)
    }

    private func open(_ event: UInt32) {
        while byEvent.count <= Int(event) { byEvent.append(nil) }
        byEvent[Int(event)] = Pair()
    }

    func forEach(_ body: (UInt32, LatencyHistogram, LatencyHistogram) -> Void) {
        for event in byEvent.indices {
            if let pair = byEvent[event] { body(UInt32(event), pair.queued, pair.taken) }
        }
    }
}

extension Kernel {
    /// Whether each event's time in the queue and in its handlers is measured (``eventMeasures()``): one reading of
    /// the clock an event, and 9 KB for each name. Off at first, and then free.
    ///
    /// The times are the driver's and decide nothing.
    public var measuresEvents: Bool {
        get { measures.isOn }
        set {
            measures.isOn = newValue
            readClock()
            setWatching()
        }
    }

    func readClock() { clockReading = driver.time().now.nanoseconds }

    /// What was measured so far, the events in the order in which their names were made.
    public func eventMeasures() -> [EventMeasure] {
        var all: [EventMeasure] = []
        measures.forEach { event, queued, taken in
            all.append(EventMeasure(event: entry(event).name, queued: queued, taken: taken))
        }
        return all
    }
}
