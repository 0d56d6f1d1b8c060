using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Multiprocess.Buffers;
using Multiprocess.Messages;
using Multiprocess.Serialization;
using Multiprocess.Versions;

namespace Multiprocess.Faults;

/// <summary>
/// Writes and reads exceptions: [type, message, stack or nil, members or nil, inner exception or nil]. A sixth element
/// is the text of the base class, when it differs from the message.
/// </summary>
internal static class FaultFormat
{
    private const int MaxNameLength = 64 * 1024;
    private const int MaxInner = 8;

    /// <summary>
    /// Most exceptions that one answer carries in addition to its chain of inner exceptions, over all aggregates.
    /// </summary>
    private const int MaxOthers = 64;

    /// <summary>
    /// The longest stack trace, in characters, that a transferred exception may grow to while it passes through further
    /// calls.
    /// </summary>
    private const int MaxPassedOnLength = 16 * 1024;

    private const string Border = "--- in the other process ---";
    private const string CutOff = "   --- the rest is left out: the exception has passed through many calls ---";

    // The truncated stack traces that arrived, by the exception created with them: they are passed on unchanged.
    private static readonly ConditionalWeakTable<Exception, string> s_fullStacks = new();

    /// <summary>The approximate memory of one exception without its texts, in bytes.</summary>
    private const int ExceptionSize = 256;

    /// <summary>
    /// Writes an exception. Never throws because of a user's exception: a member that throws is left out.
    /// </summary>
    public static void Write(
        ref MessagePackWriter writer,
        PooledBufferWriter output,
        Exception exception,
        IpcWriteContext context,
        FaultDetail detail)
    {
        int others = MaxOthers;
        Write(ref writer, output, exception, context, detail, depth: 0, ref others);
    }

    /// <summary>Reads the rest of an Error message and creates the exception for the caller.</summary>
    /// <exception cref="IpcProtocolException">The exception is malformed.</exception>
    public static Exception ReadAnswer(ref MessagePackReader reader, IpcReadContext context)
    {
        IpcErrorKind kind = ErrorMessage.ReadKind(ref reader);
        if (kind == IpcErrorKind.MethodMissing)
        {
            return MissingMethod.Read(ref reader);
        }

        Exception exception = Read(ref reader, context, depth: 0, out string message);
        return kind switch
        {
            IpcErrorKind.Remote => exception,
            IpcErrorKind.Disconnected => new IpcDisconnectedException(message),
            IpcErrorKind.TimedOut => new IpcTimeoutException(message),
            _ => new IpcException(Enum.IsDefined(kind) ? kind : IpcErrorKind.Remote, message, exception),
        };
    }

    /// <summary>Reads an exception.</summary>
    /// <exception cref="IpcProtocolException">The exception is malformed.</exception>
    public static Exception Read(ref MessagePackReader reader, IpcReadContext context)
        => Read(ref reader, context, depth: 0, out _);

    private static void Write(
        ref MessagePackWriter writer,
        PooledBufferWriter output,
        Exception exception,
        IpcWriteContext context,
        FaultDetail detail,
        int depth,
        ref int others)
    {
        Fault? fault = FaultRegistry.Find(exception.GetType());

        // An exception from a third process is passed on with its original type, not wrapped again.
        var remote = fault is null ? exception as IpcRemoteException : null;

        // The library's own messages contain no secrets and must be readable.
        int maxMessageLength = remote is null && exception is IpcException ? MaxNameLength : detail.MaxTextLength;
        string message = remote?.RemoteMessage
            ?? Text(() => fault?.GetMessage(exception) ?? exception.Message)
            ?? "Its message could not be read.";
        string? text = fault is { IsFree: true } ? ExceptionParts.MessageOf(exception) : message;
        writer.WriteArrayHeader(text == message ? 5 : 6);
        writer.WriteStrict(Cut(
            remote?.RemoteType
                ?? fault?.Name
                ?? (exception as MissingMethod)?.WireName
                ?? exception.GetType().FullName
                ?? exception.GetType().Name,
            MaxNameLength));
        writer.WriteStrict(Cut(message, maxMessageLength));
        if (detail.HasStack && Stack(exception) is { } stack)
        {
            writer.WriteStrict(Cut(stack, detail.MaxTextLength));
        }
        else
        {
            writer.WriteNil();
        }

        if (fault is AggregateFault && depth < MaxInner)
        {
            WriteOthers(
                ref writer,
                output,
                ((AggregateException)exception).InnerExceptions,
                context,
                detail,
                depth,
                ref others);
        }
        else
        {
            WriteMembers(ref writer, output, fault, exception, context);
        }

        if (exception.InnerException is { } inner && depth < MaxInner)
        {
            Write(ref writer, output, inner, context, detail, depth + 1, ref others);
        }
        else
        {
            writer.WriteNil();
        }

        if (text is null)
        {
            writer.WriteNil();
        }
        else if (text != message)
        {
            writer.WriteStrict(Cut(text, maxMessageLength));
        }
    }

    /// <summary>Writes the inner exceptions of an aggregate after the first, as many as the limit allows.</summary>
    private static void WriteOthers(
        ref MessagePackWriter writer,
        PooledBufferWriter output,
        IReadOnlyList<Exception> all,
        IpcWriteContext context,
        FaultDetail detail,
        int depth,
        ref int others)
    {
        int count = Math.Clamp(all.Count - 1, 0, others);
        others -= count;
        writer.WriteArrayHeader(count);
        for (int i = 1; i <= count; i++)
        {
            Write(ref writer, output, all[i], context, detail, depth + 1, ref others);
        }
    }

    /// <summary>
    /// The stack trace to send. The stack trace of an exception from another process grows with each process or call
    /// that the exception passes, up to a limit; after that it is passed on unchanged. Without the limit, an exception
    /// that ends many nested calls would have its whole stack trace created, copied and sent again at each of them. The
    /// outer part is cut off.
    /// </summary>
    private static string? Stack(Exception exception)
    {
        if (s_fullStacks.TryGetValue(exception, out string? full))
        {
            return full;
        }

        string? stack = Text(() => exception.StackTrace);
        return stack is null
            || stack.Length <= MaxPassedOnLength
            || !stack.Contains(Border, StringComparison.Ordinal)
                ? stack
            : $"{Cut(stack, MaxPassedOnLength)}{Environment.NewLine}{CutOff}";
    }

    /// <summary>Reads a property of a user's exception; returns null when the property throws.</summary>
    private static string? Text(Func<string?> get)
    {
        try
        {
            return get();
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static void WriteMembers(
        ref MessagePackWriter writer,
        PooledBufferWriter output,
        Fault? fault,
        Exception exception,
        IpcWriteContext context)
    {
        if (exception is MissingMethod missing)
        {
            missing.WriteMembers(ref writer);
            return;
        }

        if (fault is null)
        {
            writer.WriteNil();
            return;
        }

        writer.Flush();
        int start = output.WrittenCount;
        try
        {
            fault.WriteMembers(ref writer, exception, context);
        }
        catch (Exception)
        {
            // A getter threw, or a member cannot be encoded: send the exception without members.
            output.Truncate(start);
            writer = new MessagePackWriter(output);
            writer.WriteNil();
        }
    }

    private static Exception Read(ref MessagePackReader reader, IpcReadContext context, int depth, out string message)
    {
        int count = depth > MaxInner ? 0 : reader.ReadStrictArrayHeader();
        if (count < 5)
        {
            throw new IpcProtocolException($"Expected an exception of 5 elements, nested at most {MaxInner} deep.");
        }

        string type = Required(reader.ReadStrictString());
        message = Required(reader.ReadStrictString());
        string? stack = reader.ReadStrictString();
        MessagePackReader members = reader;
        reader.SkipStrict();
        context.Charge(bytes: ExceptionSize);
        Exception? inner = reader.TryReadStrictNil() ? null : Read(ref reader, context, depth + 1, out _);
        string? text = count > 5 ? reader.ReadStrictString() : message;
        for (int i = 6; i < count; i++)
        {
            reader.SkipStrict();
        }

        Exception exception = Make(type, message, text, stack, ref members, context, inner, depth);
        if (stack is not null)
        {
            ExceptionDispatchInfo.SetRemoteStackTrace(
                exception, $"{stack}{Environment.NewLine}   {Border}{Environment.NewLine}");
            if (stack.Length > MaxPassedOnLength && stack.EndsWith(CutOff, StringComparison.Ordinal))
            {
                s_fullStacks.AddOrUpdate(exception, stack);
            }
        }

        return exception;
    }

    private static Exception Make(
        string type,
        string message,
        string? text,
        string? stack,
        ref MessagePackReader members,
        IpcReadContext context,
        Exception? inner,
        int depth)
    {
        if (FaultRegistry.Find(type) is { } fault)
        {
            try
            {
                if (fault is AggregateFault && !members.TryReadStrictNil())
                {
                    return AggregateFault.Make(message, inner, ReadOthers(ref members, context, depth));
                }

                Exception made = fault.Read(ref members, context, message, inner);
                if (fault.IsFree)
                {
                    // The constructor may have changed the message, or created another inner exception.
                    ExceptionParts.Restore(made, text, inner);
                }

                return made;
            }
            catch (Exception)
            {
                // The members were not sent, or the constructor rejects them: report what is known as a remote
                // exception.
            }
        }

        return new IpcRemoteException(type, message, stack, inner);
    }

    private static List<Exception> ReadOthers(ref MessagePackReader reader, IpcReadContext context, int depth)
    {
        var others = new List<Exception>();
        for (int left = reader.ReadStrictArrayHeader(); left > 0; left--)
        {
            others.Add(Read(ref reader, context, depth + 1, out _));
        }

        return others;
    }

    private static string Required(string? text)
        => text ?? throw new IpcProtocolException("Expected a string, got nil.");

    /// <summary>Never cuts inside a surrogate pair: half of it could not be encoded.</summary>
    private static string Cut(string text, int length)
        => text.Length <= length ? text
            : length > 0 && char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)]
            : text[..length];
}
