namespace Multiprocess.Hosting.Contracts;

/// <summary>What a child needs before its host is built.</summary>
/// <param name="TakesLogs">Whether the parent wants the child's log records.</param>
/// <param name="Settings">The sections of the parent's configuration for the child.</param>
internal sealed record ChildStartup(bool TakesLogs, ChildSetting[] Settings);

/// <summary>One value of the parent's configuration.</summary>
/// <param name="Key">The path, such as <c>Worker:Folder</c>.</param>
/// <param name="Value">The value; null for a section without one.</param>
internal sealed record ChildSetting(string Key, [property: IpcSensitive] string? Value);
