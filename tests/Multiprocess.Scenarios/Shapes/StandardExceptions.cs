using System.Diagnostics;

namespace Multiprocess.Scenarios.Shapes;

/// <summary>
/// The base library's exceptions that arrive as themselves, each with something inside where it can have it.
/// </summary>
public static class StandardExceptions
{
    private static readonly Func<Exception, Exception>[] s_all =
    [
        inner => new Exception("general", inner),
        inner => new InvalidOperationException("not now", inner),
        inner => new NotSupportedException("not here", inner),
        inner => new NotImplementedException("not yet", inner),
        inner => new KeyNotFoundException("no key", inner),
        inner => new FormatException("malformed", inner),
        inner => new OverflowException("too large", inner),
        inner => new DivideByZeroException("by zero", inner),
        inner => new ArithmeticException("not a number", inner),
        inner => new IndexOutOfRangeException("too far", inner),
        inner => new InvalidCastException("something else", inner),
        inner => new NullReferenceException("nothing", inner),
        inner => new TimeoutException("too late", inner),
        inner => new UnauthorizedAccessException("not you", inner),
        inner => new OperationCanceledException("not any more", inner),
        inner => new TaskCanceledException("not this one", inner),
        inner => new IOException("disk", inner),
        inner => new EndOfStreamException("over", inner),
        inner => new DirectoryNotFoundException("no directory", inner),
        inner => new InvalidDataException("garbage", inner),
        inner => new ApplicationException("application", inner),
        inner => new ArgumentException("wrong", "name", inner),
        inner => new ArgumentNullException("message", inner),
        _ => new ArgumentNullException("name", "message"),
        inner => new ArgumentOutOfRangeException("message", inner),
        _ => new ArgumentOutOfRangeException("name", "message"),
        _ => new ArgumentOutOfRangeException("name", "5", "message"),
        inner => new PathTooLongException("too long", inner),
        inner => new SystemException("system", inner),
        inner => new OutOfMemoryException("too much", inner),
        inner => new RankException("too many dimensions", inner),
        inner => new ArrayTypeMismatchException("another type", inner),
        inner => new UnreachableException("never", inner),
        inner => new SynchronizationLockException("not held", inner),
        inner => new AggregateException("one", inner),
        inner => new AggregateException(
            "several",
            inner,
            new AggregateException("others", new TimeoutException("late"), new ArgumentNullException("name")),
            new FormatException("last")),
        _ => new AggregateException("none"),
        inner => new ObjectDisposedException("message", inner),
        _ => new ObjectDisposedException("the object", "message"),
        inner => new FileNotFoundException("no file", "a.txt", inner),
    ];

    public static int Count => s_all.Length;

    public static Exception Make(int number)
        => s_all[number](new FormatException("inside", new TimeoutException("deep inside")));
}
