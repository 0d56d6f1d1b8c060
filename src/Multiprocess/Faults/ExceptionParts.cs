using System.Runtime.CompilerServices;

namespace Multiprocess.Faults;

/// <summary>
/// The parts that the base class of every exception stores, independently of the type's constructor and its
/// <c>Message</c>.
/// </summary>
internal static class ExceptionParts
{
    /// <summary>The text that was passed to <see cref="Exception"/>'s constructor; null when there was none.</summary>
    public static string? MessageOf(Exception exception) => Message(exception);

    /// <summary>
    /// Copies the parts of the original into a recreated exception. A constructor that formats its message cannot
    /// restore them.
    /// </summary>
    public static void Restore(Exception exception, string? message, Exception? inner)
    {
        Message(exception) = message;
        Inner(exception) = inner;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? Message(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? Inner(Exception exception);
}
