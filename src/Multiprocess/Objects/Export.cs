
namespace Multiprocess.Objects;

/// <summary>An object of this side to which the peer holds references.</summary>
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

    /// <summary>The next export in the same bucket of the table's index. For the index only.</summary>
    public ref Export? NextInBucket => ref _nextInBucket;

    /// <summary>When the object was first sent, as a timestamp of the connection's time provider.</summary>
    public long CreatedTimestamp { get; }

    /// <summary>Number of references sent and not yet released.</summary>
    public long Count { get; set; }

    /// <summary>Number of received messages that bring the object home and were not read yet.</summary>
    public int Pins { get; set; }

    /// <summary>
    /// True once the object was sent as a result: the peer then owns it, and it is disposed when the peer is lost.
    /// </summary>
    public bool IsOwnedByPeer { get; set; }

    /// <summary>True once the peer has called Dispose on the object.</summary>
    public bool IsDisposed { get; set; }

    /// <summary>
    /// Requests of answered calls that sent the object and can be cancelled while the peer holds it; null when there
    /// are none.
    /// </summary>
    public Queue<long>? KeptCalls { get; set; }

    /// <summary>The stack that first sent the object, when the options ask for it.</summary>
    public string? CreationStack { get; init; }
}
