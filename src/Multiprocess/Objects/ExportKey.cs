using System.Runtime.CompilerServices;
using Multiprocess.Contracts;

namespace Multiprocess.Objects;

/// <summary>What makes two exports the same: the same object under the same contract.</summary>
/// <remarks>Objects are compared by reference, never by a user's Equals; delegates by Delegate.Equals, on which <c>-=</c> depends.</remarks>
internal readonly struct ExportKey(object target, ContractBinding contract) : IEquatable<ExportKey>
{
    private readonly object _target = target;
    private readonly ContractBinding _contract = contract;

    public bool Equals(ExportKey other)
        => _contract == other._contract
            && (ReferenceEquals(_target, other._target)
                || (_target is Delegate mine && other._target is Delegate theirs && mine.Equals(theirs)));

    public override bool Equals(object? obj) => obj is ExportKey other && Equals(other);

    public override int GetHashCode()
        => _target is Delegate value ? value.GetHashCode() : RuntimeHelpers.GetHashCode(_target);
}
