using Multiprocess.Objects;

namespace Multiprocess.Connections;

/// <summary>
/// A root that the connecting side serves to the other side, in addition to the root that it wants from it.
/// </summary>
/// <param name="Contract">The root's contract. A peer that does not know the contract does not use the root.</param>
/// <param name="Make">Creates the root, after the Hello messages were exchanged. Must not call the peer.</param>
internal sealed record PeerRoot(ContractBinding Contract, Func<IpcConnection, object> Make);
