import OutcryKernel
public import OutcryMarket
public import OutcryVenues

extension SandboxConfiguration {
    /// Opens a door for MidChains on a free port, beside the others, to a user with an account of that name; see
    /// ``EmbeddedSandbox/midChainsURL``.
    ///
    /// - Returns: What a link logs in with.
    @discardableResult public mutating func openMidChains(
        to user: String = "bot", money: [Money]
    ) -> MidChainsAccess? {
        let password = "\(user)'s password"
        if !doors.contains(where: { $0.dialect == .midChains }) {
            doors.append(SandboxDoor(.loopback(port: 0), dialect: .midChains))
        }
        midChains.users.append(SandboxMidChainsUser(user, password: password, money: money))
        var access = MidChainsCredentials(user: user, password: password).map {
            MidChainsAccess($0)
        }
        access?.gateway.isLimited = midChains.userRate != nil
        return access
    }
}

extension EmbeddedSandbox {
    /// Its stream for clients of MidChains, `ws://127.0.0.1:41235/`; nil where it has no such door.
    public var midChainsURL: String? {
        exchange.doors.firstIndex { $0.dialect == .midChains }.map {
            "ws://\(exchange.addresses[$0])/"
        }
    }
}
