using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Threads;

namespace Multiprocess.Calls;

/// <summary>A message of the peer, with what routing found out about it.</summary>
/// <remarks>A connection's pool creates only messages of this type.</remarks>
internal sealed class ReceivedMessage : Message
{
    /// <summary>
    /// The called object. Found when the call is routed, so that a later Release cannot overtake the call.
    /// </summary>
    public Export? Called { get; set; }

    /// <summary>
    /// The logical thread whose stack the call belongs to until it is answered; null for an asynchronous, one-way or
    /// refused call.
    /// </summary>
    public LogicalThread? AnswersOn { get; set; }

    /// <summary>Cancelled when the peer cancels this call; null when the call cannot be cancelled.</summary>
    public CancellationTokenSource? Cancellation { get; set; }

    /// <summary>Objects that come home in the body, kept until the body is read.</summary>
    public List<Export>? PinnedExports { get; set; }

    /// <summary>The descriptors in the body; null when it has none.</summary>
    public MessageDescriptors? Descriptors { get; set; }

    public override void Clear()
    {
        base.Clear();
        if (Descriptors is { } descriptors)
        {
            descriptors.Dispose();
            Descriptors = null;
        }

        Called = null;
        AnswersOn = null;
        Cancellation = null;
        PinnedExports = null;
    }
}
