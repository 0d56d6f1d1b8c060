using System.Collections.Concurrent;
using Multiprocess.Objects;

namespace Multiprocess.Versions;

/// <summary>
/// Records which one-way methods with a default body the peer has, as the first call of each showed. Thread-safe.
/// </summary>
internal sealed class KnownMethods
{
    // Created with the first entry: never when both sides have the same version.
    private ConcurrentDictionary<(ContractBinding Contract, uint Method), bool>? _methods;

    /// <summary>The contract of which both sides have the same version. Set once, before the first call.</summary>
    private ContractBinding? _equal;

    /// <summary>Whether the peer has the method; null while no call has shown it.</summary>
    public bool? Find(ContractBinding contract, uint method)
        => ReferenceEquals(contract, _equal) ? true
            : _methods is { } methods && methods.TryGetValue((contract, method), out bool isThere) ? isThere
            : null;

    public void Note(ContractBinding contract, uint method, bool isThere)
        => LazyInitializer.EnsureInitialized(ref _methods, static () => new())[(contract, method)] = isThere;

    /// <summary>Records a contract with equal fingerprints on both sides: the peer has all its methods.</summary>
    public void AddAll(ContractBinding contract) => _equal = contract;
}
