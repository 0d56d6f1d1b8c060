using System.Text;
using Multiprocess.Serialization;

namespace Multiprocess.Faults;

/// <summary>
/// An exception with several inner exceptions: the first is sent as the inner exception, the others as members.
/// </summary>
/// <remarks><see cref="FaultFormat"/> writes and reads the others.</remarks>
internal sealed class AggregateFault() : Fault(typeof(AggregateException).FullName!, typeof(AggregateException))
{
    // The type appends the messages of all inner exceptions, and does so again on the other side.
    public override string GetMessage(Exception exception)
    {
        var appended = new StringBuilder();
        foreach (Exception inner in ((AggregateException)exception).InnerExceptions)
        {
            appended.Append(" (").Append(inner.Message).Append(')');
        }

        string message = exception.Message;
        return message.EndsWith(appended.ToString(), StringComparison.Ordinal) ? message[..^appended.Length] : message;
    }

    public override void WriteMembers(ref MessagePackWriter writer, Exception exception, IpcWriteContext context)
        => writer.WriteNil();

    public override Exception Read(
        ref MessagePackReader members,
        IpcReadContext context,
        string message,
        Exception? inner)
        => Make(message, inner, []);

    public static AggregateException Make(string message, Exception? first, IEnumerable<Exception> others)
        => new(message, first is null ? others : others.Prepend(first));
}
