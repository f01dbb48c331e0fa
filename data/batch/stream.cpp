#include "data/batch/stream.h"

#include <algorithm>
#include <utility>

#include "reka/base/hash.h"

namespace reka::data {
namespace {

std::string place_text(const SourceCursor& cursor, bool same_rows) {
  if (cursor.epoch == 0 && cursor.row == 0 && cursor.window == 0) return "from its beginning";
  if (!same_rows)
    return fmt::format("goes on with what was not begun of epoch {}", cursor.epoch + 1);
  return fmt::format("goes on behind row {} of epoch {}", cursor.row, cursor.epoch + 1);
}

std::string share_text(const MixtureShare& share) {
  auto text = fmt::format("weight {}", share.weight);
  if (share.repeat > 0) text += fmt::format(", at most {} epochs", share.repeat);
  return text;
}

}  // namespace

RowStream::RowStream(const StreamConfig& config, const std::vector<LoaderSource>& sources,
                     std::shared_ptr<const RowRules> rules)
    : config_(config), rules_(std::move(rules)) {
  open(sources);
  plan_id_ = describe_plan();
  start({});
}

void RowStream::open(const std::vector<LoaderSource>& given) {
  std::map<std::filesystem::path, std::shared_ptr<PlannedFolder>> folders;
  for (const auto& source : given) {
    if (trains() && source.weight == 0) continue;
    auto& folder = folders[source.folder];
    if (!folder) folder = std::make_shared<PlannedFolder>(source.folder, rules_);
    Source opened{source, folder, {}};
    for (const auto& language : folder->manifest().languages) {
      const auto found = std::ranges::find(languages_, language);
      opened.languages.push_back(static_cast<int32_t>(found - languages_.begin()));
      if (found == languages_.end()) languages_.push_back(language);
    }
    source_names_.push_back(source.name);
    sources_.push_back(std::move(opened));
  }
  for (const auto& [path, folder] : folders)
    folder->keep_plans(2 * SourceOrder::kWindowGroups * sources_.size());
}

void RowStream::read_content() {
  std::set<PlannedFolder*> folders;
  for (const auto& source : sources_)
    if (folders.insert(source.folder.get()).second) source.folder->read_content();
}

std::string RowStream::describe_plan() const {
  auto text = fmt::format("{}; seed {}; order 2; split {}", rules_->id, config_.seed,
                          kSplitNames[static_cast<size_t>(config_.split)]);
  const auto& objective = config_.objective;
  text += fmt::format("; objective {} {} {} {} {}", objective.causal, objective.prefix_lm,
                      objective.regular_spans, objective.extreme_spans, objective.mode_tokens);
  for (const auto& source : sources_) {
    text += fmt::format("; {} x {}", source.config.name, source.config.weight);
    if (source.config.repeat > 0) text += fmt::format(" at most {}", source.config.repeat);
    const auto& manifest = source.folder->manifest();
    for (const auto shard : shards_of(manifest, source.config.name, config_.split))
      text += " " + manifest.shards[shard].hash;
  }
  return hex(xxh3_128(text));
}

void RowStream::start(std::map<std::string, SourceCursor> started) {
  started_ = std::move(started);
  if (trains()) {
    order_ = training_order();
  } else {
    std::vector<HeldOutOrder::Source> held_out;
    for (const auto& source : sources_) held_out.push_back({source.folder, source.config.name});
    order_ = std::make_unique<HeldOutOrder>(held_out, config_.split);
  }
  for (const auto& source : sources_) source.folder->save_counts();
}

std::unique_ptr<RowOrder> RowStream::training_order() {
  std::vector<MixedSource> mixed;
  for (const auto& source : sources_) {
    const auto& name = source.config.name;
    MixedSource next{
        std::make_unique<SourceOrder>(source.folder, name, config_.seed, started_[name]),
        source.config.weight, std::nullopt};
    if (source.config.repeat > 0) next.limit = next.order->rows_within(source.config.repeat);
    mixed.push_back(std::move(next));
  }
  return std::make_unique<TrainingOrder>(std::move(mixed));
}

const TrainingOrder* RowStream::training() const {
  return trains() ? static_cast<const TrainingOrder*>(order_.get()) : nullptr;
}

RowStream::Row RowStream::row(int64_t row) const {
  const auto place = order_->locate(row);
  const auto& source = sources_[place.source];
  auto plan = source.folder->plan(place.row.shard, place.row.epoch, place.row.shuffle);
  const auto pieces = plan->rows.row(place.row.row);
  return {place.source, place.row.epoch, std::move(plan), pieces};
}

std::vector<uint32_t> RowStream::stand_ins(const GroupPlan& plan, uint32_t piece) {
  const auto room = plan.pieces[piece].text.length;
  const auto count = static_cast<uint32_t>(plan.pieces.size());
  std::vector<uint32_t> found;
  for (uint32_t step = 0; step < count && found.size() < kStandIns; ++step) {
    const auto candidate = (piece + step) % count;
    if (plan.pieces[candidate].text.length <= room) found.push_back(candidate);
  }
  return found;
}

std::optional<uint32_t> RowStream::first_good(const GroupPlan& plan, uint32_t piece,
                                              const Quarantine& quarantine) {
  const auto good = [&](uint32_t candidate) {
    return !quarantine.holds(plan.shard->header().hash, plan.pieces[candidate].sample);
  };
  if (good(piece)) return piece;
  const auto others = stand_ins(plan, piece);
  const auto found = std::ranges::find_if(others, good);
  return found == others.end() ? std::nullopt : std::optional(*found);
}

std::set<std::pair<size_t, size_t>> RowStream::find(std::string_view document) const {
  std::set<std::pair<size_t, size_t>> places;
  for (size_t i = 0; i < sources_.size(); ++i) {
    const auto& name = source_names_[i];
    auto id = document;
    if (id.starts_with(name + "/")) id.remove_prefix(name.size() + 1);
    auto& folder = *sources_[i].folder;
    for (const auto shard : shards_of(folder.manifest(), name, config_.split)) {
      const auto reader = folder.shard(shard);
      for (size_t sample = 0; sample < reader->size(); ++sample)
        if (reader->document_id(sample) == id || reader->document_id(sample) == document)
          places.emplace(i, shard);
    }
  }
  return places;
}

std::map<std::string, SourceCursor> RowStream::cursors(int64_t rows) const {
  if (!trains()) return {};
  const auto cursors = static_cast<TrainingOrder&>(*order_).cursors(rows);
  auto next = started_;
  for (size_t i = 0; i < sources_.size(); ++i) next[sources_[i].config.name] = cursors[i];
  return next;
}

std::vector<MixtureShare> RowStream::shares() const {
  std::vector<MixtureShare> shares;
  for (const auto& source : sources_)
    shares.push_back({source.config.name, source.config.weight, source.config.repeat});
  return shares;
}

std::vector<std::string> RowStream::left_before(int64_t row) const {
  std::vector<std::string> names;
  if (!trains()) return names;
  for (const auto source : training()->left_before(row)) names.push_back(source_names_[source]);
  return names;
}

std::vector<std::string> RowStream::changes(const std::vector<MixtureShare>& before) const {
  std::vector<std::string> lines;
  const auto find = [](const std::vector<MixtureShare>& shares, const std::string& name) {
    return std::ranges::find(shares, name, &MixtureShare::name);
  };
  const auto now = shares();
  for (size_t i = 0; i < now.size() && trains(); ++i) {
    const auto& name = now[i].name;
    const auto old = find(before, name);
    const auto& order = training()->source(i);
    std::string what;
    if (old == before.end())
      what = "joins the mixture with " + share_text(now[i]);
    else if (*old != now[i])
      what = fmt::format("{} (before: {})", share_text(now[i]), share_text(*old));
    if (order.shards() == Shards::kGrown)
      what +=
          (what.empty() ? "" : "; ") + std::string("shards were added, or its last one changed");
    else if (order.shards() == Shards::kOthers)
      what += (what.empty() ? "" : "; ") + std::string("its shards are others now");
    if (!what.empty())
      lines.push_back(
          fmt::format("{}: {}; {}", name, what, place_text(started_.at(name), order.same_rows())));
  }
  for (const auto& old : before) {
    if (find(now, old.name) != now.end()) continue;
    const auto place = started_.find(old.name);
    lines.push_back(fmt::format("{}: leaves the mixture{}", old.name,
                                place == started_.end()
                                    ? ""
                                    : fmt::format(" behind row {} of epoch {}", place->second.row,
                                                  place->second.epoch + 1)));
  }
  return lines;
}

}  // namespace reka::data
