# SPDX-License-Identifier: Apache-2.0
"""Makes hutong.json of the table below: rows are questions, panels answer them. `make.py check`: whether it is up to date.
Each query is asked of a real Prometheus by tests/e2e/alerts.py."""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RATE = "$__rate_interval"
QUANTILE = "histogram_quantile(%s, sum by (le%s) (rate(%s_bucket[" + RATE + "])))"
# question, then panels: (title, unit, [(query, legend)])
QUESTIONS = [
    ("现在 · Now", [
        ("进程 · Daemons that answer", "short", [('sum(up{job="hutong"})', "up"), ('count(up{job="hutong"})', "all")]),
        ("受理 · Accepted", "ops", [("sum(rate(hutong_accepted_total[%s]))" % RATE, "accepted"), ("sum(rate(hutong_duplicates_total[%s]))" % RATE, "duplicates")]),
        ("死信 · Dead letters", "short", [("sum by (core) (hutong_dead_letters)", "{{core}}")]),
        ("重启 · Restarts", "short", [("sum by (service) (hutong_restarts_total)", "{{service}}")]),
    ]),
    ("落后 · Lag", [
        ("落后条数 · Records behind", "short", [("hutong_lag_records", "{{core}} {{partition}}")]),
        ("落后时间 · Seconds behind", "s", [("hutong_lag_seconds", "{{core}} {{partition}}")]),
        ("处理 · Applied", "ops", [("sum by (core) (rate(hutong_records_applied_total[%s]))" % RATE, "{{core}}")]),
    ]),
    ("延迟 · Latency", [
        ("受理到信箱 · Accepted to mailbox", "s", [(QUANTILE % (each, "", "hutong_end_to_end_seconds"), "p%g" % (each * 100)) for each in (0.5, 0.99)]),
        ("各步 p99 · Each stage, p99", "s", [(QUANTILE % (0.99, ", core", "hutong_stage_seconds"), "{{core}}")]),
        ("成组提交 p99 · Group commit, p99", "s", [(QUANTILE % (0.99, "", "hutong_broker_commit_seconds"), "broker")]),
    ]),
    ("资金与时限 · Money and limits", [
        ("预付金 · Advance funds (1 green, 2 yellow, 3 red)", "short", [("hutong_advance_colour", "{{party}} → {{care}}")]),
        ("时限 · Limits", "short", [("sum(hutong_limits_running)", "running"), ("sum by (party) (hutong_limits_overdue)", "overdue {{party}}")]),
        ("到期天数 · Days until tables end", "d", [("min by (table, region) (hutong_gazette_days_left < 400)", "{{table}} {{region}}")]),
    ]),
    ("各方 · Parties", [
        ("回执 · Receipts", "ops", [("sum by (party, receipt) (rate(hutong_party_receipts_total[%s]))" % RATE, "{{party}} {{receipt}}")]),
        ("未确认 · Unconfirmed", "short", [("hutong_party_mailbox_backlog_records", "{{party}} {{box}}")]),
        ("最早未确认 · Oldest unconfirmed", "s", [("hutong_mailbox_oldest_unconfirmed_seconds", "{{party}} {{box}}")]),
        ("多久没有消息 · Silent for", "s", [("time() - (hutong_party_last_seen_timestamp_seconds > 0)", "{{party}}")]),
    ]),
    ("拒绝 · Refusals", [
        ("按规则 · By rule", "ops", [("sum by (party, code) (rate(hutong_party_refusals_total[%s]))" % RATE, "{{party}} {{code}}")]),
        ("连接 · Connections", "ops", [("sum by (reason) (rate(hutong_connections_refused_total[%s]))" % RATE, "{{reason}}")]),
    ]),
    ("空间 · Room", [
        ("磁盘剩余 · Free on the log's disk", "bytes", [("hutong_broker_disk_free_bytes", "free"), ("hutong_broker_disk_reserve_bytes", "reserve")]),
        ("日志 · The log", "bytes", [("hutong_broker_log_used_bytes", "used"), ("hutong_broker_log_limit_bytes", "limit")]),
        ("状态映射 · State maps", "percentunit", [("hutong_state_used_bytes / hutong_state_limit_bytes", "{{core}} {{partition}}")]),
    ]),
    ("透明日志 · Transparency log", [
        ("检查点 · Checkpoints", "short", [("hutong_checkpoint_size", "signed"), ("hutong_checkpoint_final_size", "final")]),
        ("检查点多久了 · Age of the checkpoint", "s", [("time() - (hutong_checkpoint_timestamp_seconds > 0)", "signed")]),
        ("损坏与矛盾 · Damage, contradictions", "short", [("hutong_broker_damaged_segments", "damaged"), ("hutong_contradictions_total", "contradictions")]),
    ]),
    ("控制台 · Console", [
        ("请求 · Requests", "ops", [("sum by (service) (rate(hutong_console_requests_total[%s]))" % RATE, "served"),
                                   ("sum by (reason) (rate(hutong_console_refused_total[%s]))" % RATE, "{{reason}}")]),
        ("会话 · Sessions", "short", [("hutong_console_sessions", "sessions")]),
    ]),
    ("备份 · Backup", [
        ("多久没有备份 · Age of the backup (no data: none was made)", "s", [("time() - (hutong_backup_timestamp_seconds > 0)", "backup")]),
    ]),
]
SOURCE = {"type": "prometheus", "uid": "hutong"}
WIDTH, HEIGHT = 24, 7


def panel(identity, title, unit, queries, place):
    targets = [{"refId": chr(ord("A") + at), "datasource": SOURCE, "expr": query, "legendFormat": legend} for at, (query, legend) in enumerate(queries)]
    return {"id": identity, "type": "timeseries", "title": title, "datasource": SOURCE, "gridPos": place, "targets": targets,
            "fieldConfig": {"defaults": {"unit": unit, "min": 0} if unit != "d" else {"unit": unit}, "overrides": []}}


def dashboard():
    panels, y = [], 0
    for question, answers in QUESTIONS:
        panels.append({"id": len(panels) + 1, "type": "row", "title": question, "collapsed": False, "panels": [], "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1}})
        width = WIDTH // len(answers)
        for at, (title, unit, queries) in enumerate(answers):
            panels.append(panel(len(panels) + 1, title, unit, queries, {"x": at * width, "y": y + 1, "w": width, "h": HEIGHT}))
        y += 1 + HEIGHT
    return {"uid": "hutong", "title": "互通 · Hutong", "schemaVersion": 39, "version": 1, "editable": True, "timezone": "Asia/Shanghai",
            "refresh": "10s", "time": {"from": "now-1h", "to": "now"}, "tags": ["hutong"], "panels": panels}


def main(words):
    path, text = os.path.join(HERE, "hutong.json"), json.dumps(dashboard(), ensure_ascii=False, indent=1) + "\n"
    if words == ["check"]:
        with open(path) as file:
            sys.exit(0 if file.read() == text else "docker/grafana/hutong.json is not what make.py makes")
    with open(path, "w") as file:
        file.write(text)


main(sys.argv[1:])
