using System.Text.Json.Nodes;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Values;

namespace Multiprocess.Tool.Sessions;

/// <summary>An object of this side that a server may call.</summary>
internal abstract class LocalObject
{
    /// <summary>How many references the server holds.</summary>
    public long Count { get; set; }

    /// <summary>Answers a call.</summary>
    /// <param name="session">The session that received the call.</param>
    /// <param name="call">The call.</param>
    public abstract void Answer(Session session, Message call);
}

/// <summary>
/// An object that prints the calls that it gets. It stands for a delegate, or for an interface that the tool does not
/// implement.
/// </summary>
/// <param name="contract">The contract.</param>
/// <param name="name">How the object is shown.</param>
/// <param name="answer">The value to return; null for the default of the result's type.</param>
internal sealed class Printer(Contract contract, string name, JsonNode? answer) : LocalObject
{
    public override void Answer(Session session, Message call)
    {
        if (contract.Find(call.Method) is not { } method)
        {
            session.AnswerError(
                call,
                IpcErrorKind.MethodMissing,
                "Multiprocess.IpcException",
                $"{name} has no method {call.Method:X8}.");
            return;
        }

        var reader = new MessagePackReader(call.Body);
        JsonObject arguments = session.ReadPlaces(
            ref reader,
            method.Sent.Where(
                parameter
                    => parameter.Passing != Passing.Sender).Select(parameter => (parameter.Name, (Place)parameter)),
            method.Sent.Any(parameter => parameter.Passing == Passing.Sender));
        session.Called(name, contract.IsDelegate ? null : method.Name, arguments);
        if (call.Flags.HasFlag(MessageFlags.OneWay))
        {
            return;
        }

        Place[] results = [.. new[] { method.Returned }.OfType<Place>(), .. method.Back];
        try
        {
            session.AnswerResults(call, results, results.Select((place, i) =>
                (i == 0 && answer is not null ? answer : Defaults.Of(session.Book, place.Type))?.DeepClone()));
        }
        catch (InputException exception)
        {
            session.AnswerError(
                call, IpcErrorKind.Remote, "System.NotSupportedException", $"{name} is a printer: {exception.Message}");
        }
    }
}

/// <summary>A sequence of given items, or one enumeration of the sequence.</summary>
internal sealed class LocalSequence(JsonArray items, TypeName element, bool isEnumeration) : LocalObject
{
    private const uint BeginOrNextId = 1;

    private int _next;

    public override void Answer(Session session, Message call)
    {
        if (!isEnumeration && call.Method == BeginOrNextId)
        {
            long handle = session.Export(new LocalSequence(items, element, isEnumeration: true));
            session.AnswerWith(call, (ref MessagePackWriter writer) =>
            {
                writer.WriteArrayHeader(1);
                ReferenceFormat.Write(ref writer, handle);
            });
            return;
        }

        if (call.Method != BeginOrNextId)
        {
            session.AnswerResults(call, [], []);
            return;
        }

        var reader = new MessagePackReader(call.Body);
        reader.ReadStrictArrayHeader();
        int count = Math.Clamp(reader.ReadStrictInt32(), 1, items.Count - _next + 1);
        JsonNode?[] taken = [.. items.Skip(_next).Take(count)];
        _next += taken.Length;
        session.AnswerWith(call, (ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(1);
            writer.WriteArrayHeader(2);
            writer.WriteArrayHeader(taken.Length);
            foreach (JsonNode? item in taken)
            {
                session.Writer.Write(ref writer, item, new Place(element, false, false), "item");
            }

            writer.Write(_next >= items.Count);
        });
    }
}

/// <summary>Given bytes, read as a stream.</summary>
internal sealed class LocalStream(byte[] bytes) : LocalObject
{
    private const int MostBytes = 64 * 1024;

    private int _next;

    public override void Answer(Session session, Message call)
    {
        var reader = new MessagePackReader(call.Body);
        reader.ReadStrictArrayHeader();
        if (call.Method is 1 or 2)
        {
            int count = Math.Clamp(reader.ReadStrictInt32(), 0, Math.Min(MostBytes, bytes.Length - _next));
            int from = _next;
            _next += count;
            session.AnswerWith(call, (ref MessagePackWriter writer) =>
            {
                writer.WriteArrayHeader(1);
                writer.WriteBinary(bytes.AsSpan(from, count));
            });
        }
        else if (call.Method is 10 or 11)
        {
            session.AnswerResults(call, [], []);
        }
        else
        {
            session.AnswerError(
                call, IpcErrorKind.Remote, "System.NotSupportedException", "The stream can only be read.");
        }
    }
}
