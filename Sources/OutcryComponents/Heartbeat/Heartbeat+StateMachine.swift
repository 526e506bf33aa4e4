public import OutcryKernel

/// Learns how often each channel speaks, and tells a quiet market from a dead stream. No kernel, no I/O.
public struct HeartbeatMachine {
    /// What has to be told.
    public enum Finding: Equatable, Sendable {
        /// A channel is silent for longer than its own pace explains.
        case channel(Channel, silent: Duration)
        /// Nothing at all has come for so long.
        case connection(silent: Duration)
        /// Nothing has come since the last look: ask for a sign of life.
        case ping
        /// Not even an answer to pings has come for half of the time that is allowed: told once.
        case late(silent: Duration)
    }

    private struct Track {
        var count = 0
        var changed: KernelTime
        var since: KernelTime
        /// Messages of all channels when it spoke last.
        var spoken = 0
        var isTold = false
        /// How often it was told before it was known.
        var doubts = 0
        var isKnown: Bool { count >= 20 }
    }

    private let silence: Duration
    private let leastChannelSilence: Duration
    private let patience: Int
    private let rareChannels: [Channel]
    private var ups = 0
    private var total = Track(changed: .zero, since: .zero)
    private var isLateTold = false
    private var tracks: [(channel: Channel, track: Track)] = []

    /// Makes the machine.
    ///
    /// - Parameters:
    ///   - silence: Nothing at all for so long: the connection is dead.
    ///   - leastChannelSilence: A channel is not called stale before this.
    ///   - patience: A channel is stale after so many times its mean pace.
    ///   - rareChannels: What the others say tells nothing of these.
    public init(
        silence: Duration, leastChannelSilence: Duration = .seconds(30), patience: Int = 20,
        rareChannels: [Channel] = []
    ) {
        self.rareChannels = rareChannels
        self.silence = silence
        self.leastChannelSilence = leastChannelSilence
        self.patience = patience
    }

    /// Looks at what the connection has seen by `now`.
    public mutating func look(_ reading: PulseReading, at now: KernelTime) -> [Finding] {
        guard reading.isUp else {
            ups = 0
            return []
        }
        if reading.ups != ups {
            ups = reading.ups
            total = Track(count: reading.total, changed: now, since: now)
            isLateTold = false
            tracks = reading.channels.map {
                ($0.0, Track(count: $0.1, changed: now, since: now, spoken: Self.spoken(reading)))
            }
            return []
        }
        var findings: [Finding] = []
        if reading.total != total.count {
            total.count = reading.total
            total.changed = now
            isLateTold = false
        } else if now - total.changed >= silence {
            findings.append(.connection(silent: now - total.changed))
        } else {
            if reading.answersPings, !isLateTold, now - total.changed >= silence / 2 {
                isLateTold = true
                findings.append(.late(silent: now - total.changed))
            }
            findings.append(.ping)
        }
        let spoken = Self.spoken(reading)
        // A feed's channels stay the same, in the same order, as long as its connection is up.
        for (i, (channel, count)) in reading.channels.enumerated()
        where i < tracks.count && tracks[i].channel == channel {
            if count != tracks[i].track.count {
                tracks[i].track.count = count
                tracks[i].track.changed = now
                tracks[i].track.spoken = spoken
                tracks[i].track.isTold = false
            } else if !tracks[i].track.isTold, let limit = limit(tracks[i], spoken) {
                let silent = now - tracks[i].track.changed
                if silent >= limit {
                    tracks[i].track.isTold = true
                    if !tracks[i].track.isKnown { tracks[i].track.doubts += 1 }
                    findings.append(.channel(tracks[i].channel, silent: silent))
                }
            }
        }
        return findings
    }

    private static func spoken(_ reading: PulseReading) -> Int {
        reading.channels.reduce(0) { $0 + $1.1 }
    }

    /// The silence that a channel's pace does not explain, once it has spoken often enough to be known. One that is not
    /// is judged by the others: it was lost at the beginning, where they have said a hundred things in twice the
    /// least silence; each time that this was wrong, it has twice as long.
    private func limit(_ watched: (channel: Channel, track: Track), _ spoken: Int) -> Duration? {
        let track = watched.track
        guard track.isKnown else {
            guard spoken - track.spoken >= 100, !rareChannels.contains(watched.channel) else {
                return nil
            }
            return leastChannelSilence * (2 << min(track.doubts, 6))
        }
        return max(leastChannelSilence, (track.changed - track.since) / track.count * patience)
    }
}
