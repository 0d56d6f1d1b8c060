namespace Multiprocess.Hosting.Contracts;

/// <summary>What a child is told before its host is built.</summary>
/// <param name="TakesLogs">Whether the parent wants the child's log records.</param>
/// <param name="Settings">The parent's configuration sections that the child is to have.</param>
internal sealed record ChildStartup(bool TakesLogs, ChildSetting[] Settings);

/// <summary>One value of the parent's configuration.</summary>
/// <param name="Key">Its path, such as <c>Worker:Folder</c>.</param>
/// <param name="Value">Its value; null for a section without one.</param>
internal sealed record ChildSetting(string Key, [property: IpcSensitive] string? Value);
