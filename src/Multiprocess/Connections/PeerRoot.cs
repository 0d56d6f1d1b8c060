using Multiprocess.Objects;

namespace Multiprocess.Connections;

/// <summary>A root that the side which begins a connection serves the other one, beside the root that it wants.</summary>
/// <param name="Contract">Its contract. A peer that does not know it goes without.</param>
/// <param name="Make">Makes it, once the Hellos have passed. Must not call the peer.</param>
internal sealed record PeerRoot(ContractBinding Contract, Func<IpcConnection, object> Make);
