using System.Runtime.CompilerServices;

namespace Multiprocess.Faults;

/// <summary>What every exception keeps, beneath what a type's constructor and its own <c>Message</c> make of it.</summary>
internal static class ExceptionParts
{
    /// <summary>The text that was given to <see cref="Exception"/>'s constructor; null when none was.</summary>
    public static string? MessageOf(Exception exception) => Message(exception);

    /// <summary>Gives an exception that was made anew the parts of the original, which a constructor that formats its message cannot restore.</summary>
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
