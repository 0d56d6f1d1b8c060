using Multiprocess.Messages;

namespace Multiprocess.Threads;

/// <summary>Finds out for whom a message is. Called by whoever reads.</summary>
internal interface IMessageRouter
{
    /// <summary>Hands one message over, under the gate; what must not happen under it goes into <paramref name="work"/>.</summary>
    /// <exception cref="IpcProtocolException">The message is not allowed here; the connection must end.</exception>
    void Route(Message message, RoutedWork work);

    /// <summary>The transport has come to its end or failed, or the peer broke the protocol. Outside the gate.</summary>
    void ReadingEnded(Exception? reason, bool insideFrame);
}
