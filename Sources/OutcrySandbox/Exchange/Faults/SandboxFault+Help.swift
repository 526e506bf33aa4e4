extension SandboxFault {
    /// What happens, in one line for people.
    public var help: String {
        switch self {
        case .dropLastDepth: "when the market is stopped, one more order rests, and nobody is told"
        case .loseSubscription: "with a message, one of those who get it loses that channel"
        case .dropDepth: "a depth message is not sent"
        case .doubleDepth: "a depth message is sent twice"
        case .reorderDepth: "a depth message comes behind the next one of its book"
        case .zeroDelta: "a depth message says a change of 0; its total is right"
        case .crossBook: "a depth message puts a bid at the best ask that is not there"
        case .crossBriefly: "the same, and the book's next message takes it back"
        case .doubleTrade: "a trade is told twice"
        case .orderFirst: "an order's user_order comes before its result, not behind"
        case .idkeyAge: "idkeys are refused that are older, not those of 24 hours"
        case .engineLag: "orders and cancellations wait before the engine has them"
        case .lagGrowth: "the lag grows: by so much of the time since it was set"
        case .lagBurst: "there is lag in the first so much of each lag-period alone"
        case .lagPeriod: "how often there is lag, with lag-burst"
        case .invalidNonce: "a right private call is refused for its nonce"
        case .mysqlError: "a call gets \"MySQL error, please retry later\" with status 200"
        case .htmlError: "a call gets a page of HTML with status 502 or 503"
        case .errorsAfter: "the two pages come for calls that were executed"
        case .slowReply: "replies come so much later"
        case .cutReply: "a reply breaks off in its middle"
        case .lostReply: "a call is executed, and its connection ends without an answer"
        case .brokenGzip: "a reply in gzip cannot be unpacked"
        case .slowSockets: "bytes a second that each connection is written"
        case .halfOpen: "a connection is neither read nor written any more"
        case .expireSessions: "now: so many Socket.IO sessions are over without a goodbye"
        case .disconnect: "now: so many connections are cut"
        case .refuse: "for so long, connections are closed as they come"
        case .restart: "now: the exchange goes, and is back after so long"
        }
    }
}
