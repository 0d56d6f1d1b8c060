using System.Collections.Concurrent;
using Multiprocess.Objects;

namespace Multiprocess.Versions;

/// <summary>Which one-way methods with bodies of their own the peer has, as the first call of each has told. Thread-safe.</summary>
internal sealed class KnownMethods
{
    // Made when the first is noted: where both sides have the same version, never.
    private ConcurrentDictionary<(ContractBinding Contract, uint Method), bool>? _methods;

    /// <summary>The contract that both sides have in the same version. Set once, before the first call.</summary>
    private ContractBinding? _equal;

    /// <summary>Whether the peer has the method; null when no call has told yet.</summary>
    public bool? Find(ContractBinding contract, uint method)
        => ReferenceEquals(contract, _equal) ? true
            : _methods is { } methods && methods.TryGetValue((contract, method), out bool isThere) ? isThere
            : null;

    public void Note(ContractBinding contract, uint method, bool isThere) => LazyInitializer.EnsureInitialized(ref _methods, static () => new())[(contract, method)] = isThere;

    /// <summary>Notes a contract whose fingerprint is the same on both sides: the peer has all of it.</summary>
    public void AddAll(ContractBinding contract) => _equal = contract;
}
