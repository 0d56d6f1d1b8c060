using System.Diagnostics;
using Multiprocess.Serialization;

namespace Multiprocess.Faults;

/// <summary>
/// The base library's exceptions that arrive as themselves: a fixed list; each has at most one text member.
/// </summary>
internal static class StandardFaults
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        Plain((message, inner) => new Exception(message, inner)),
        Plain((message, inner) => new InvalidOperationException(message, inner)),
        Plain((message, inner) => new NotSupportedException(message, inner)),
        Plain((message, inner) => new NotImplementedException(message, inner)),
        Plain((message, inner) => new KeyNotFoundException(message, inner)),
        Plain((message, inner) => new FormatException(message, inner)),
        Plain((message, inner) => new OverflowException(message, inner)),
        Plain((message, inner) => new DivideByZeroException(message, inner)),
        Plain((message, inner) => new ArithmeticException(message, inner)),
        Plain((message, inner) => new IndexOutOfRangeException(message, inner)),
        Plain((message, inner) => new InvalidCastException(message, inner)),
        Plain((message, inner) => new NullReferenceException(message, inner)),
        Plain((message, inner) => new TimeoutException(message, inner)),
        Plain((message, inner) => new UnauthorizedAccessException(message, inner)),
        Plain((message, inner) => new OperationCanceledException(message, inner)),
        Plain((message, inner) => new TaskCanceledException(message, inner)),
        Plain((message, inner) => new IOException(message, inner)),
        Plain((message, inner) => new EndOfStreamException(message, inner)),
        Plain((message, inner) => new DirectoryNotFoundException(message, inner)),
        Plain((message, inner) => new InvalidDataException(message, inner)),
        Plain((message, inner) => new PathTooLongException(message, inner)),
        Plain((message, inner) => new ApplicationException(message, inner)),
        Plain((message, inner) => new SystemException(message, inner)),
        Plain((message, inner) => new OutOfMemoryException(message, inner)),
        Plain((message, inner) => new RankException(message, inner)),
        Plain((message, inner) => new ArrayTypeMismatchException(message, inner)),
        Plain((message, inner) => new UnreachableException(message, inner)),
        Plain((message, inner) => new SynchronizationLockException(message, inner)),
        new AggregateFault(),
        new WithText<ArgumentException>(
            exception => exception.ParamName,
            (message, name, inner) => new ArgumentException(message, name, inner)),
        new WithText<ArgumentNullException>(
            exception => exception.ParamName,
            (message, name, inner) => inner is null
                ? new ArgumentNullException(name, message)
                : new ArgumentNullException(message, inner)),
        new WithText<ArgumentOutOfRangeException>(
            exception => exception.ParamName,
            (message, name, inner) => inner is null
                ? OutOfRange(message, name)
                : new ArgumentOutOfRangeException(message, inner)),
        new WithText<ObjectDisposedException>(
            exception => exception.ObjectName,
            (message, name, inner) => inner is null
                ? new ObjectDisposedException(name, message)
                : new ObjectDisposedException(message, inner)),
        new WithText<FileNotFoundException>(
            exception => exception.FileName,
            (message, name, inner) => new FileNotFoundException(message, name, inner)),
    ];

    private static PlainFault<T> Plain<T>(Func<string, Exception?, T> make) where T : Exception => new(make);

    /// <summary>The actual value stands only in the message, after the parameter's name.</summary>
    private static ArgumentOutOfRangeException OutOfRange(string message, string? name)
    {
        string introduction = Environment.NewLine + "Actual value was ";
        int at = message.LastIndexOf(introduction, StringComparison.Ordinal);
        return at < 0 || !message.EndsWith('.')
            ? new ArgumentOutOfRangeException(name, message)
            : new ArgumentOutOfRangeException(name, message[(at + introduction.Length)..^1], message[..at]);
    }

    private sealed class PlainFault<T>(Func<string, Exception?, T> make)
        : Fault(typeof(T).FullName!, typeof(T)) where T : Exception
    {
        public override void WriteMembers(ref MessagePackWriter writer, Exception exception, IpcWriteContext context)
            => writer.WriteNil();

        public override Exception Read(
            ref MessagePackReader members,
            IpcReadContext context,
            string message,
            Exception? inner)
            => make(message, inner);
    }

    private sealed class WithText<T>(
        Func<T, string?> get,
        Func<string, string?, Exception?, T> make) : Fault(typeof(T).FullName!, typeof(T)) where T : Exception
    {
        // These types append the member to their message, for example " (Parameter 'x')" or "\nObject name: 'x'.". The
        // other side appends it again, so it must not be sent.
        public override string GetMessage(Exception exception)
        {
            string message = exception.Message;
            if (get((T)exception) is not { Length: > 0 } text || exception is FileNotFoundException)
            {
                return message;
            }

            string appended = exception is ObjectDisposedException
                ? $"{Environment.NewLine}Object name: '{text}'."
                : $" (Parameter '{text}')";
            int at = message.IndexOf(appended, StringComparison.Ordinal);
            return at < 0 ? message : message.Remove(at, appended.Length);
        }

        public override void WriteMembers(ref MessagePackWriter writer, Exception exception, IpcWriteContext context)
            => writer.WriteStrict(get((T)exception));

        public override Exception Read(
            ref MessagePackReader members,
            IpcReadContext context,
            string message,
            Exception? inner)
            => make(message, members.ReadStrictString(), inner);
    }
}
