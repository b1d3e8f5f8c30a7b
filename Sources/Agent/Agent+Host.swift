import EventLoop
import HostInterface
import IEEE80211
import Logging
import SessionCore

/// The host's traffic: Ethernet frames between the TAP interface and the core.
extension Agent {
    // MARK: The interface

    /// Makes the interface, if one is configured.
    func openHostSide() throws(AgentError) {
        guard let configuration = configuration.host else { return }
        let own = self.configuration.engine.mldAddress
        let side = HostSide(
            configuration: configuration,
            forwarding: EthernetForwarding(own: own, peers: self.configuration.engine.peers.map(\.mldAddress)))
        let port: any HostPort
        do { port = try makeHostPort(configuration, own) } catch { throw .host(error) }
        side.port = port
        do {
            side.token = try loop.register(port.readinessDescriptor) { [unowned self] _ in receiveFromHost() }
        } catch {
            port.close()
            throw .loop(error)
        }
        host = side
        let addresses = configuration.addresses.map(\.description).joined(separator: ", ")
        log.info(
            "\(configuration.name): \(own), MTU \(configuration.mtu), \(addresses.isEmpty ? "no IP address" : addresses)"
        )
    }

    /// Removes the interface.
    func closeHostSide() {
        host?.token.map(loop.remove)
        host?.token = nil
        host?.port?.close()
        host?.port = nil
    }

    /// Lets the interface have a carrier while a peer can be reached through it: while a session is agreed on, so that the
    /// host's queues outlast an interruption, or while a link answers on which one can be made. Peers may have come and gone, too.
    func updateCarrier() {
        carrierIsStale = false
        guard let port = host?.port else { return }
        host?.forwarding.peers = engine.knownPeers
        let carrier = stopInstant == nil && engine.canCarryPayloads
        guard carrier != host?.carrier else { return }
        host?.carrier = carrier
        port.setCarrier(carrier)
    }

    private func hostFailed(_ error: TAPError) {
        log.error("\(error)")
        host?.problem = error
        closeHostSide()
    }

    // MARK: Frames

    /// Takes in what the host sends, some at a time.
    func receiveFromHost() {
        guard let side = host, let port = side.port else { return }
        // While the agent stops, the sessions are about to end, and none is to be made any more.
        let isStopping = stopInstant != nil
        do throws(TAPError) {
            let recorder = recorder
            try takeIn { engine, now throws(TAPError) in
                func accept(_ frame: Span<UInt8>, for peer: MACAddress) {
                    let tid = TrafficIdentifier(classifying: frame)
                    recorder?.payload(frame, peer, tid, now)
                    engine.accept(frame, for: peer, tid: tid, now: now)
                }
                _ = try port.receive(limit: Self.hostReceiveLimit) { frame in
                    side.counters.fromHost += 1
                    switch side.forwarding.fromHost(frame) {
                    case .send(let peer): if !isStopping { accept(frame, for: peer) }
                    case .sendToAll:
                        if !isStopping { for peer in side.forwarding.peers { accept(frame, for: peer) } }
                    case .drop(let cause): side.counters[keyPath: cause] += 1
                    case .deliver: break
                    }
                }
            }
        } catch {
            hostFailed(error)
        }
        pauseHost()
    }

    /// Lets the host wait while sessions hold as much as they may; the kernel's queue fills then, which senders notice.
    func pauseHost() {
        guard let side = host, let token = side.token, withEngine({ $0.isFull }) != side.isPaused else { return }
        do {
            try loop.setInterest(side.isPaused ? .readable : [], of: token)
            side.isPaused.toggle()
        } catch {
            log.error("the host can't be made to wait: \(error)")
        }
    }

    /// Hands the host what a peer sent.
    func deliver(_ payload: Span<UInt8>, from peer: MACAddress) {
        guard let side = host, let port = side.port else { return }
        switch side.forwarding.fromPeer(peer, payload) {
        case .deliver:
            do throws(TAPError) {
                switch try port.deliver(payload) {
                case .delivered: side.counters.toHost += 1
                case .busy: side.counters.hostBusy += 1
                }
            } catch {
                hostFailed(error)
            }
        case .drop(let cause): side.counters[keyPath: cause] += 1
        case .send, .sendToAll: break
        }
    }
}
