using System.Runtime.Versioning;

// Processes are looked at through /proc; elsewhere the tests are skipped.
[assembly: SupportedOSPlatform("linux")]
