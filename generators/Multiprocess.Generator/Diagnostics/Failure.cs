namespace Multiprocess.Generator.Diagnostics;

/// <summary>Describes an unexpected exception of the generator.</summary>
internal static class Failure
{
    /// <summary>The exception in one line: its type, its message, and where it was thrown.</summary>
    public static string Describe(Exception exception)
    {
        string where = (exception.StackTrace ?? "").Split('\n')[0].Trim();
        string message = exception.Message.Replace("\r", "").Replace('\n', ' ');
        return $"{exception.GetType().Name}: {message} {where}".TrimEnd();
    }
}
