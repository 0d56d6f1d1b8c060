using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>The Linux error numbers that this code handles, and their texts.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int BadDescriptor = 9;
    public const int NoChild = 10;
    public const int TryAgain = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int NotADirectory = 20;
    public const int InvalidArgument = 22;
    public const int SystemFileTableFull = 23;
    public const int TooManyOpenFiles = 24;
    public const int BrokenPipe = 32;
    public const int NameTooLong = 36;
    public const int NotImplemented = 38;
    public const int TooManyLinks = 40;
    public const int NotASocket = 88;
    public const int WrongSocketType = 91;
    public const int ConnectionAborted = 103;
    public const int ConnectionReset = 104;
    public const int NoBuffers = 105;
    public const int NotConnected = 107;
    public const int TooManyReferences = 109;
    public const int ConnectionRefused = 111;

    /// <summary>The error of the last native call of this thread.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>The C library's text with the number: "Connection refused (errno 111)".</summary>
    public static string Describe(int error) => $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";

    /// <summary>Creates an exception for a failed call that names the failed step.</summary>
    public static IOException Exception(string step, int error) => new($"{step}: {Describe(error)}.");
}
