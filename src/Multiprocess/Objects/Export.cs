
namespace Multiprocess.Objects;

/// <summary>An object of this side that the peer holds references to.</summary>
/// <remarks>Every mutable member is guarded by the table's lock.</remarks>
internal sealed class Export
{
    private Export? _nextInBucket;

    public Export(long handle, object target, ContractBinding contract, long createdTimestamp)
    {
        Handle = handle;
        Target = target;
        Contract = contract;
        CreatedTimestamp = createdTimestamp;
    }

    public long Handle { get; }

    public object Target { get; }

    public ContractBinding Contract { get; }

    /// <summary>The next of those that the table's index keeps in the same place. Of the index.</summary>
    public ref Export? NextInBucket => ref _nextInBucket;

    /// <summary>When it was first sent, by the connection's time provider.</summary>
    public long CreatedTimestamp { get; }

    /// <summary>How many times it was sent and not yet released.</summary>
    public long Count { get; set; }

    /// <summary>How many received messages, not read yet, bring it home.</summary>
    public int Pins { get; set; }

    /// <summary>True once it was handed out as a result: then the peer owns it, and it is disposed when the peer is lost.</summary>
    public bool IsOwnedByPeer { get; set; }

    /// <summary>True once the peer has called its Dispose.</summary>
    public bool IsDisposed { get; set; }

    /// <summary>Answered calls that handed it out and can be cancelled while the peer holds it; null where there are none.</summary>
    public Queue<long>? KeptCalls { get; set; }

    /// <summary>The stack that first sent it, when the options ask for it.</summary>
    public string? CreationStack { get; init; }
}
