using Multiprocess.Protocols;

namespace Multiprocess.Threads;

/// <summary>Routes messages to their receivers. Called by the thread that reads.</summary>
internal interface IMessageRouter
{
    /// <summary>
    /// Routes one message, under the gate. Work that must run outside the gate is added to <paramref name="work"/>.
    /// </summary>
    /// <exception cref="IpcProtocolException">
    /// The message is not allowed at this point; the connection must end.
    /// </exception>
    void Route(Message message, RoutedWork work);

    /// <summary>Called outside the gate when the transport ended or failed, or the peer broke the protocol.</summary>
    void ReadingEnded(Exception? reason, bool insideFrame);
}
